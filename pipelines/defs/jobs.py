"""Jobs: the quarterly run. One definition for the command line, the schedule and the Dagster UI."""

from __future__ import annotations

import dagster as dg

JOB_NAME = "quarterly_run"

quarterly_run = dg.define_asset_job(
    JOB_NAME,
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Receive, land, standardise, score, judge and publish the periods of the run.",
)
