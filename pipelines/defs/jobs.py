"""Jobs: the quarterly run, one definition for the command line, the schedule and the Dagster UI; and the run
that follows one whose gate closed."""

from __future__ import annotations

import dagster as dg

JOB_NAME, FOLLOW_UP_JOB_NAME = "quarterly_run", "follow_up_run"

quarterly_run = dg.define_asset_job(
    JOB_NAME,
    selection=dg.AssetSelection.all(),
    description="Receive, land, standardise, score, judge and publish the periods of the run.",
)

follow_up_run = dg.define_asset_job(
    FOLLOW_UP_JOB_NAME,
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("sources"),
    description="The same of what is received already, without the periods whose gate closed.",
)
