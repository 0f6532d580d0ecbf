"""What follows a run whose gate closed: it published nothing, and one run is asked for without those periods.

The failure of the gate carries what the next run needs, so the sensor finds it in Dagster's event log and the
command line in the exception.

Put here: that failure, and the run that follows from it. Keep out: who asks (``sensors``, ``in_process``),
which periods a run builds (``build.plan``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.defs.jobs import FOLLOW_UP_JOB_NAME
from pipelines.defs.page_links import page_link
from pipelines.defs.partitions import RANGE_END, RANGE_START
from pipelines.messages import say
from pipelines.quality.sentences import checks_said
from pipelines.quality.verdicts import PeriodVerdict

EVERYTHING_TAG = "spm/everything"
"""Tag of a run that builds every received period, changed or not."""

WITHOUT_TAG = "spm/without"
"""Tag of a follow-up: the periods of its range that it leaves as published, because their gate closed."""

FOLLOWS_TAG = "spm/follows"
"""Tag of a follow-up: the run that it follows."""

RELEASE = dg.AssetKey(["published", "release"])
_CLOSED, _PASSING = "closed", "passing"


def left_out(run: dg.DagsterRun) -> list[str]:
    """The periods of a follow-up whose gate closed in the runs before it."""
    return run.tags.get(WITHOUT_TAG, "").split()


def closed_gate(verdicts: Sequence[PeriodVerdict], page: Path) -> dg.Failure:
    """The failure of a run whose gate closed for some of its periods."""
    closed = {
        verdict.period: [found.check_id for found in verdict.closing]
        for verdict in verdicts
        if not verdict.passed
    }
    named = [f"{say('gate.closed', at=period)}: {checks_said(ids)}" for period, ids in closed.items()]
    return dg.Failure(
        "; ".join(named),
        metadata={
            _CLOSED: closed,
            _PASSING: [verdict.period for verdict in verdicts if verdict.passed],
            "page": page_link(page),
        },
        allow_retries=False,
    )


def is_of_gate(failed_with: Mapping[str, dg.MetadataValue]) -> bool:
    """Whether a failure, by its metadata, is that of the gate."""
    return _PASSING in failed_with


def follow_up(
    run_id: str,
    tags: Mapping[str, str],
    failed_with: Mapping[str, dg.MetadataValue],
    selection: Sequence[dg.AssetKey] | None = None,
) -> dg.RunRequest | None:
    """The run that publishes what passed in the run that failed; none where nothing did.

    It covers the same range, so that the same periods are built, but for those whose gate closed.
    ``failed_with`` is the metadata of the failure, ``selection`` what the run was asked to make (none where
    that was everything).
    """
    if not is_of_gate(failed_with):
        return None
    passing: Any = failed_with[_PASSING].value
    just_closed: Any = failed_with[_CLOSED].value
    if not passing or (selection and RELEASE not in selection):
        return None
    closed = sorted({*tags.get(WITHOUT_TAG, "").split(), *just_closed})
    kept = {name: tags[name] for name in (RANGE_START, RANGE_END, EVERYTHING_TAG) if name in tags}
    return dg.RunRequest(
        run_key=f"follows {run_id}",
        job_name=FOLLOW_UP_JOB_NAME,
        tags={**kept, WITHOUT_TAG: " ".join(closed), FOLLOWS_TAG: run_id},
        asset_selection=[key for key in selection if key.path[0] != "sources"] if selection else None,
    )
