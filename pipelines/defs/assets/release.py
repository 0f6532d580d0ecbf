"""The release asset: the candidate, all of whose periods passed the gate, becomes the current release.

Put here: publishing as Dagster sees it. Keep out: how (``publish``), a gate that closed (``defs.follow_up``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from pipelines.build.record import add_to_record, read_record
from pipelines.build.steps import publish_candidate
from pipelines.defs.assets.facts import PLATFORM, WITHIN_A_QUARTER, Event
from pipelines.defs.assets.models import by_period
from pipelines.defs.checks import gate_of
from pipelines.defs.follow_up import RELEASE, left_out
from pipelines.defs.page_links import page_link
from pipelines.defs.partitions import reporting_periods
from pipelines.defs.resources import HomeResource
from pipelines.errors import SpmError
from pipelines.publish.approval import ApprovalNeededError
from pipelines.publish.candidate import read_candidate
from pipelines.quality.page import PAGE
from pipelines.warehouse.manifest import marts, published_inputs
from pipelines.warehouse.parquet import quoted

EVERY_PERIOD = "every_period"


def release_spec(upstream: Sequence[dg.AssetKey]) -> dg.AssetSpec:
    """The asset downstream of every mart."""
    return dg.AssetSpec(
        RELEASE,
        deps=list(upstream),
        group_name="release",
        kinds={"parquet", "duckdb"},
        owners=[PLATFORM],
        description="Immutable release: Parquet tables, spm.duckdb, manifest.json; `current` points to it. "
        "To materialise it is a run: land what was received, build, judge, publish what passed.",
        skippable=True,
        freshness_policy=WITHIN_A_QUARTER,
        tags={"gate": "great-expectations"},
        partitions_def=reporting_periods,
    )


def every_period_spec() -> dg.AssetCheckSpec:
    """The check that the gate closed for none."""
    return dg.AssetCheckSpec(
        EVERY_PERIOD, asset=RELEASE, description="The gate closed for no period of the range."
    )


def publish(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Event]:
    """Publish the candidate; told are the published periods, of the release and of each mart."""
    folder = home.work_folder(context.run.run_id)
    record = read_record(folder)
    candidate = read_candidate(home.candidate_folder(context.run.run_id))
    try:
        published = publish_candidate(home.settings(), candidate, record.verdicts)
    except SpmError as error:
        if isinstance(error, ApprovalNeededError):
            add_to_record(folder, waiting=asdict(error.waiting))
        yield from gate_of(context, home, record.verdicts)
        raise
    periods = list(candidate.periods)
    add_to_record(folder, release_id=published.release_id, is_new=published.is_new, published=periods)
    released = home.releases().folder(published.release_id)
    said = {
        "release": published.release_id,
        "is new": published.is_new,
        "published": periods,
        "unchanged": record.unchanged,
        "skipped": record.skipped,
        "quality page": page_link(released / PAGE, f"{published.release_id}.html"),
    }
    seconds = {f"seconds of {name}": took for name, took in record.stages.items()}
    figures = _figures(released)
    for period in periods:
        metadata = {**said, **figures.get(period, {}), **seconds}
        yield dg.AssetMaterialization(RELEASE, metadata=metadata, partition=period)
    yield from _of_marts(released, published.release_id, periods)
    yield from gate_of(context, home, record.verdicts)
    closed = left_out(context.run)
    yield dg.AssetCheckResult(
        asset_key=RELEASE,
        check_name=EVERY_PERIOD,
        passed=not closed,
        metadata={"closed": closed},
    )


def _figures(release: Path) -> dict[str, dict[str, Any]]:
    """What is worth a plot: national index, coverage, findings of each period of the release."""
    with duckdb.connect(config={"threads": 1}) as connection:
        scores = connection.execute(
            "select period, scope, index::double, coverage::double"
            f" from {_rows(release, 'mart_national_score')} order by all"
        ).fetchall()
        found = connection.execute(
            "select period, severity, count(*)"
            f" from {_rows(release, 'mart_finding')} group by all order by all"
        ).fetchall()
    figures: dict[str, dict[str, Any]] = {}
    for period, scope, index, coverage in scores:
        named = {f"index {scope}": index, f"coverage {scope}": coverage}
        figures.setdefault(period, {}).update({name: one for name, one in named.items() if one is not None})
    for period, severity, count in found:
        figures.setdefault(period, {})[f"findings {severity}"] = count
    return figures


def _of_marts(release: Path, release_id: str, periods: Sequence[str]) -> Iterator[dg.AssetMaterialization]:
    tables = list(marts())
    with duckdb.connect(config={"threads": 1}) as connection:
        counted = " union all ".join(
            f"select '{table}', period, count(*) from {_rows(release, table)} group by all"
            if by_period(table)
            else f"select '{table}', null, count(*) from {_rows(release, table)}"
            for table in tables
        )
        counts = {(table, of): count for table, of, count in connection.execute(counted).fetchall()}
    for table in tables:
        told: list[str | None] = [*periods] if by_period(table) else [None]
        for period in told:
            rows: Mapping[str, Any] = {
                "dagster/row_count": counts.get((table, period), 0),
                "release": release_id,
            }
            yield dg.AssetMaterialization(["marts", table], metadata=rows, partition=period)


def _rows(release: Path, table: str) -> str:
    return f"read_parquet({quoted(str(release / f'{table}.parquet'))})"


def previous_release() -> list[dg.AssetSpec]:
    """The tables of the current release that models read (the dbt source ``published``)."""
    return [
        dg.AssetSpec(
            ["published", table],
            group_name="previous_release",
            kinds={"parquet"},
            owners=[PLATFORM],
            description=f"{table} of the release before: an input like any other, made by earlier runs.",
        )
        for table in published_inputs()
    ]
