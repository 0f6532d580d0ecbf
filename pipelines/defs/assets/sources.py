"""Source assets: one a source of the sources file, made from it.

Put here: a source as Dagster sees it. Keep out: reading (``sources``), keeping (``landing``).
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.build.record import Incomplete, add_to_record, read_record
from pipelines.build.steps import Intake, holdings, take_in
from pipelines.defs.assets.facts import PLATFORM, WITHIN_A_QUARTER, in_one_line
from pipelines.defs.partitions import chosen_periods, one_run, reporting_periods
from pipelines.defs.resources import HomeResource
from pipelines.registry.told import told
from pipelines.sandbox import confined_by
from pipelines.sources.kinds import KINDS
from pipelines.sources.source import Source

COMPLETE = "complete"


def source_asset(spec: Source) -> dg.AssetsDefinition:
    """The asset that receives and lands the documents of one source.

    A source that fails stops no other: its check ``complete`` does not pass, with the periods concerned.
    """
    key = dg.AssetKey(["sources", spec.name])

    @dg.asset(
        key=key,
        group_name="sources",
        kinds={KINDS[spec.kind].dagster_kind},
        owners=[spec.owner or PLATFORM],
        description=f"Documents of {spec.place}, kept by the hash of their bytes and read into rows.",
        freshness_policy=WITHIN_A_QUARTER,
        tags={"kind": spec.kind},
        partitions_def=reporting_periods,
        backfill_policy=one_run,
        check_specs=[
            dg.AssetCheckSpec(
                COMPLETE, asset=key, description="Everything that the source holds was fetched."
            )
        ],
    )
    def _source(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult]:
        folder = home.work_folder(context.run.run_id)
        settings = replace(home.settings(), now=_intake_at(home, folder))
        began = time.monotonic()
        asked = chosen_periods(context)
        with in_one_line():
            intake = take_in(settings, spec, asked)
        # what a server answered may quote what it was asked with
        intake = replace(intake, messages=[told(message) for message in intake.messages])
        if intake.incomplete:
            incomplete = Incomplete(intake.incomplete, intake.messages)
            add_to_record(folder, incomplete={**read_record(folder).incomplete, spec.name: incomplete})
        if intake.silent:
            add_to_record(folder, silent={**read_record(folder).silent, spec.name: intake.silent})
        metadata: dict[str, Any] = {
            "documents at the source": intake.seen,
            "new documents": intake.new,
            "documents read": intake.read,
            "readers confined by": confined_by(),
            "periods without a row": intake.silent,
            "seconds": round(time.monotonic() - began, 3),
            **{f"{name} held": count for name, count in holdings(settings, spec).items()},
        }
        # of every period that was asked for: that a source holds nothing is found out by asking
        yield dg.MaterializeResult(metadata=metadata, check_results=[_completeness(key, intake)])

    return _source


def _intake_at(home: HomeResource, folder: Path) -> datetime:
    """When the run began to ask its sources: the same time for each of them."""
    if (begun := read_record(folder).intake_at) is None:
        begun = home.settings().clock()
        add_to_record(folder, intake_at=begun, confined_by=confined_by())
    return begun


def _completeness(key: dg.AssetKey, intake: Intake) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=COMPLETE,
        asset_key=key,
        passed=not intake.incomplete,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"incomplete periods": intake.incomplete, "what failed": intake.messages},
    )
