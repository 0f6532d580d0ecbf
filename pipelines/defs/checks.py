"""The gate as Dagster sees it: a blocking check on each judged mart and period, with the failing rows.

Each period has its own verdict, so that a quarter whose gate closed stays red while others are published.
``blocking`` holds within one run only, so publishing reads the verdicts in the record of the run again.

Put here: verdicts as check results. Keep out: judging (``quality``), suites (``expectations``).
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import dagster as dg

# Dagster asks for one, and gives it no public name
from dagster._core.definitions.asset_checks.asset_check_evaluation import (  # noqa: TID251
    AssetCheckEvaluationTargetMaterializationData as TargetMaterialization,
)

from pipelines.build import ledger, steps
from pipelines.build.record import add_to_record, read_record
from pipelines.defs.assets.facts import Event
from pipelines.defs.assets.models import by_period
from pipelines.defs.follow_up import FOLLOWS_TAG, RELEASE, closed_gate, left_out
from pipelines.defs.page_links import page_link
from pipelines.defs.partitions import reporting_periods
from pipelines.defs.resources import HomeResource
from pipelines.messages import Message
from pipelines.publish.candidate import read_candidate
from pipelines.quality.sentences import law_of, row_said
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.registry.gate_checks import required_checks
from pipelines.reports.to_correct import ToCorrect, by_region, list_beside
from pipelines.warehouse.unread import nothing_accepted

GATE = "gate"
MOST_RECORDS = 100
"""Records of a table in the metadata of a check; the files beside the page have all of them."""
JUDGED = sorted({check.table_name for check in required_checks()})
_OF_TABLE = {
    table: {check.check_id for check in required_checks() if check.table_name == table} for table in JUDGED
}


def gate_specs() -> list[dg.AssetCheckSpec]:
    """The check of each judged mart."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)  # checks by partition
        return [
            dg.AssetCheckSpec(
                GATE,
                asset=["marts", table],
                blocking=True,
                description=f"Every fatal check of the suite {table} holds for the period.",
                partitions_def=reporting_periods if by_period(table) else None,
            )
            for table in JUDGED
        ]


def judge_candidate(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Event]:
    """Judge the candidate of the run. Where a period does not pass nothing is published of this build."""
    candidate = read_candidate(home.candidate_folder(context.run.run_id))
    verdicts = steps.judge(candidate)
    page = None
    if not all(verdict.passed for verdict in verdicts):
        page = steps.keep_page(home.settings(), candidate, verdicts)
    folder = home.work_folder(context.run.run_id)
    # of those without a period the plan has told
    told = read_record(folder).held_back
    known = {(found.source, found.document) for found in told}
    more = [one for one in nothing_accepted(candidate.folder) if (one.source, one.document) not in known]
    add_to_record(folder, verdicts=verdicts, page=str(page) if page else None, held_back=told + more)
    if page or RELEASE not in context.selected_asset_keys:
        yield from gate_of(context, home, verdicts, page)
    if page:
        raise closed_gate(verdicts, page)


def gate_of(
    context: dg.AssetExecutionContext,
    home: HomeResource,
    verdicts: Sequence[PeriodVerdict],
    page: Path | None = None,
) -> Iterator[dg.AssetCheckEvaluation]:
    """What the gate says of each judged mart and period, also of those that this run leaves out.

    Of what is published it is told after the table is: a newer table is one that nobody judged, to Dagster.
    """
    for table in JUDGED:
        if by_period(table):
            of = {verdict.period: verdict.verdicts for verdict in verdicts}
            judged = _newest(context.instance, table, [*of])
            for period, said in of.items():
                yield _of_table(table, said, period, page, judged.get(period))
        else:  # of the run as a whole
            said = [found for verdict in verdicts for found in verdict.verdicts]
            yield _of_table(table, said, None, page, _newest(context.instance, table).get(None))
    yield from _closed_before(context, home)


def _of_table(
    table: str,
    verdicts: Sequence[Verdict],
    period: str | None,
    page: Path | None,
    judged: TargetMaterialization | None,
) -> dg.AssetCheckEvaluation:
    said = [found for found in verdicts if found.table == table]
    closing = [found for found in said if found.closes]
    warned = [found for found in said if found.status == "warn"]
    return _evaluation(
        table,
        period,
        passed=bool(said) and not closing,
        judged=judged,
        description=_said(closing) if closing else None,
        metadata={
            "checks run": len({found.check_id for found in said}),
            **({"closing": _said(closing)} if closing else {}),
            **({"warnings": _said(warned)} if warned else {}),
            **({"failing rows": _table([*closing, *warned])} if closing or warned else {}),
            **({"to correct": _listed(list_beside(page), period)} if page and closing else {}),
            **({"page": page_link(page)} if page and closing else {}),
        },
    )


def _closed_before(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.AssetCheckEvaluation]:
    """The verdicts of the run before on the periods that this one leaves out: they stay closed."""
    closed = set(left_out(context.run))
    before = context.run.tags.get(FOLLOWS_TAG)
    entries = {entry.run_id: entry for entry in ledger.entries(home.settings())} if closed else {}
    while closed and before in entries:
        entry = entries[before]
        for period in sorted(closed & {*entry.closed}):
            for table in filter(by_period, JUDGED):
                judged = _newest(context.instance, table, [period]).get(period)
                named = [check for check in entry.closed[period] if check in _OF_TABLE[table]]
                said = "; ".join(f"{check}: {law_of(check)}" for check in named)
                metadata = {**({"closing": said} if said else {}), "judged in run": before}
                yield _evaluation(table, period, not named, metadata, judged, blocking=False)
        closed -= {*entry.closed}
        before = entry.follows


def _newest(
    instance: dg.DagsterInstance, table: str, periods: Sequence[str] = ()
) -> dict[str | None, TargetMaterialization]:
    """The table as it was told last, by period: a verdict that names another one counts for nothing."""
    key = dg.AssetKey(["marts", table])
    if not periods:
        records = instance.fetch_materializations(key, limit=1).records
    else:
        ids = instance.get_latest_storage_id_by_partition(
            key, dg.DagsterEventType.ASSET_MATERIALIZATION, {*periods}
        )
        told = dg.AssetRecordsFilter(asset_key=key, storage_ids=[*ids.values()])
        records = instance.fetch_materializations(told, limit=len(ids)).records if ids else []
    return {
        record.partition_key: TargetMaterialization(
            storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
        )
        for record in records
    }


def _evaluation(
    table: str,
    period: str | None,
    passed: bool,
    metadata: Mapping[str, dg.MetadataValue | str | int],
    judged: TargetMaterialization | None,
    *,
    description: str | None = None,
    blocking: bool = True,
) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(["marts", table]),
        check_name=GATE,
        passed=passed,
        description=description,
        metadata=metadata,
        partition=period,
        target_materialization_data=judged,
        blocking=blocking,
    )


def _said(said: Sequence[Verdict]) -> str:
    """What does not hold, in sentences."""
    named = sorted({found.check_id for found in said})
    return "; ".join(f"{check}: {law_of(check)}" for check in named)


def _listed(found: Sequence[ToCorrect], period: str | None) -> dg.TableMetadataValue:
    """What regions have to correct, those with most of it first."""
    records = [
        dg.TableRecord(
            {
                "region": one.whose,
                "period": one.period,
                "document": one.document,
                "place": one.place,
                "what is wrong": str(Message(one.message_id, one.message_en)),
            }
        )
        for of_region in by_region(found).values()
        for one in of_region
        if period is None or one.period in {"", period}
    ]
    columns = [dg.TableColumn(name) for name in ("region", "period", "document", "place", "what is wrong")]
    return dg.MetadataValue.table(records[:MOST_RECORDS], schema=dg.TableSchema(columns=columns))


def _table(said: Sequence[Verdict]) -> dg.TableMetadataValue:
    records = [
        dg.TableRecord({"check": found.check_id, "detail": found.detail, "row": row_said(row)})
        for found in said
        for row in (found.failing_rows or [{}])
    ]
    columns = [dg.TableColumn(name) for name in ("check", "detail", "row")]
    return dg.MetadataValue.table(records[:MOST_RECORDS], schema=dg.TableSchema(columns=columns))
