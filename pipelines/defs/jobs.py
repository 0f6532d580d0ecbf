"""Jobs: the quarterly run, one definition for the command line, the schedule and the Dagster UI; and the run
that follows one whose gate closed."""

from __future__ import annotations

import dagster as dg

JOB_NAME, FOLLOW_UP_JOB_NAME = "quarterly_run", "follow_up_run"

# the checks of the gate are of the marts, which are drawn only: all() does not hold those
_EVERYTHING = dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks()

_RETRIES = {"dagster/retry_strategy": "ALL_STEPS", "dagster/retry_on_asset_or_op_failure": "false"}
"""Where an installation switches Dagster's own retries on: for a process that died, with all steps; what
failed in a step is asked for by a sensor, with pauses (``defs.retries``)."""

quarterly_run = dg.define_asset_job(
    JOB_NAME,
    selection=_EVERYTHING,
    tags=_RETRIES,
    description="Receive, land, standardise, score, judge and publish the periods of the run.",
)

follow_up_run = dg.define_asset_job(
    FOLLOW_UP_JOB_NAME,
    selection=_EVERYTHING - dg.AssetSelection.groups("sources"),
    tags=_RETRIES,
    description="The same of what is received already, without the periods whose gate closed.",
)
