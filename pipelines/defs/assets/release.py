"""The release asset: the candidate, all of whose periods passed the gate, becomes the current release.

Put here: publishing as Dagster sees it. Keep out: how (``publish``), a gate that closed (``defs.follow_up``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import dagster as dg

from pipelines.build.record import add_to_record, read_record
from pipelines.build.steps import publish_candidate
from pipelines.defs.follow_up import RELEASE, left_out
from pipelines.defs.partitions import one_run, reporting_periods
from pipelines.defs.resources import HomeResource
from pipelines.publish.approval import ApprovalNeededError
from pipelines.publish.candidate import read_candidate
from pipelines.quality.page import PAGE
from pipelines.warehouse.manifest import published_inputs

EVERY_PERIOD = "every_period"


def release_asset(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset downstream of every mart."""

    @dg.asset(
        key=RELEASE,
        deps=list(marts),
        group_name="release",
        kinds={"parquet", "duckdb"},
        owners=["team:data-platform"],
        description="Immutable release: Parquet tables, spm.duckdb, manifest.json; `current` points to it.",
        partitions_def=reporting_periods,
        backfill_policy=one_run,
        check_specs=[
            dg.AssetCheckSpec(
                EVERY_PERIOD,
                asset=RELEASE,
                description="The gate closed for no period of the range.",
            )
        ],
    )
    def _release(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult]:
        folder = home.work_folder(context.run.run_id)
        record = read_record(folder)
        candidate = read_candidate(home.candidate_folder(context.run.run_id))
        try:
            published = publish_candidate(home.settings(), candidate, record.verdicts)
        except ApprovalNeededError as needed:
            add_to_record(folder, waiting=asdict(needed.waiting))
            raise
        periods = list(candidate.periods)
        add_to_record(folder, release_id=published.release_id, is_new=published.is_new, published=periods)
        page = home.releases().folder(published.release_id) / PAGE
        closed = left_out(context.run)
        yield dg.MaterializeResult(
            metadata={
                "release": published.release_id,
                "is new": published.is_new,
                "published": periods,
                "unchanged": record.unchanged,
                "skipped": record.skipped,
                "quality page": dg.MetadataValue.url(page.as_uri()),
            },
            check_results=[
                dg.AssetCheckResult(check_name=EVERY_PERIOD, passed=not closed, metadata={"closed": closed})
            ],
        )

    return _release


def previous_release() -> list[dg.AssetSpec]:
    """The tables of the current release that models read (the dbt source ``published``)."""
    return [
        dg.AssetSpec(
            ["published", table],
            group_name="release",
            kinds={"parquet"},
            owners=["team:data-platform"],
            description=f"{table} of the release before: an input like any other, made by earlier runs.",
        )
        for table in published_inputs()
    ]
