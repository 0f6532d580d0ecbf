"""Jobs: the quarterly run, one definition for the command line, the schedule and the Dagster UI; and the run
that follows one whose gate closed."""

from __future__ import annotations

import dagster as dg

JOB_NAME, FOLLOW_UP_JOB_NAME = "quarterly_run", "follow_up_run"

# the checks of the gate are of the marts, which are drawn only: all() does not hold those
_EVERYTHING = dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks()

quarterly_run = dg.define_asset_job(
    JOB_NAME,
    selection=_EVERYTHING,
    description="Receive, land, standardise, score, judge and publish the periods of the run.",
)

follow_up_run = dg.define_asset_job(
    FOLLOW_UP_JOB_NAME,
    selection=_EVERYTHING - dg.AssetSelection.groups("sources"),
    description="The same of what is received already, without the periods whose gate closed.",
)
