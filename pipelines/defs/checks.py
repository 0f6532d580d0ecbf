"""The gate as Dagster sees it: a blocking check on each judged mart, with the failing rows as a table.

``blocking`` holds within one run only, so publishing reads the verdicts in the record of the run again.

Put here: verdicts as check results. Keep out: judging (``quality``), suites (``expectations``).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from pipelines.build.record import add_to_record, read_record
from pipelines.build.steps import judge, keep_page
from pipelines.defs.follow_up import closed_gate
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


@dg.multi_asset_check(
    name="gate",
    specs=[
        dg.AssetCheckSpec(
            GATE,
            asset=["marts", table],
            blocking=True,
            description=f"Every fatal check of the suite {table} holds for the periods of the run.",
        )
        for table in JUDGED
    ],
    can_subset=True,
)
def gate_checks(context: dg.AssetCheckExecutionContext, home: HomeResource) -> Iterator[dg.AssetCheckResult]:
    """Judge the candidate of the run. Where a period does not pass nothing is published of this build."""
    candidate = read_candidate(home.candidate_folder(context.run.run_id))
    verdicts = judge(candidate)
    page = None
    if not all(verdict.passed for verdict in verdicts):
        page = keep_page(home.settings(), candidate, verdicts)
    folder = home.work_folder(context.run.run_id)
    # of those without a period the plan has told
    told = read_record(folder).held_back
    known = {(found.source, found.document) for found in told}
    more = [one for one in nothing_accepted(candidate.folder) if (one.source, one.document) not in known]
    add_to_record(folder, verdicts=verdicts, page=str(page) if page else None, held_back=told + more)
    for key in context.selected_asset_check_keys:
        yield _result(key.asset_key, verdicts, page)
    if page:
        raise closed_gate(verdicts, page)


def _result(key: dg.AssetKey, verdicts: Sequence[PeriodVerdict], page: Path | None) -> dg.AssetCheckResult:
    table = key.path[-1]
    said = [
        (period.period, found) for period in verdicts for found in period.verdicts if found.table == table
    ]
    closing = [(period, found) for period, found in said if found.closes]
    warned = [(period, found) for period, found in said if found.status == "warn"]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=GATE,
        passed=bool(said) and not closing,
        description=_said(closing) if closing else None,
        metadata={
            "checks run": len({found.check_id for _, found in said}),
            "closing": _said(closing),
            "warnings": _said(warned),
            **({"failing rows": _table([*closing, *warned])} if closing or warned else {}),
            **({"to correct": _listed(list_beside(page))} if page and closing else {}),
            **({"page": dg.MetadataValue.url(page.as_uri())} if page else {}),
        },
    )


def _said(said: Sequence[tuple[str, Verdict]]) -> str:
    """What does not hold, for which period, in sentences."""
    return (
        "; ".join(f"{found.check_id} ({period}): {law_of(found.check_id)}" for period, found in said) or "-"
    )


def _listed(found: Sequence[ToCorrect]) -> dg.TableMetadataValue:
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
    ]
    columns = [dg.TableColumn(name) for name in ("region", "period", "document", "place", "what is wrong")]
    return dg.MetadataValue.table(records[:MOST_RECORDS], schema=dg.TableSchema(columns=columns))


def _table(said: Sequence[tuple[str, Verdict]]) -> dg.TableMetadataValue:
    records = [
        dg.TableRecord(
            {"period": period, "check": found.check_id, "detail": found.detail, "row": row_said(row)}
        )
        for period, found in said
        for row in (found.failing_rows or [{}])
    ]
    columns = [dg.TableColumn(name) for name in ("period", "check", "detail", "row")]
    return dg.MetadataValue.table(records[:MOST_RECORDS], schema=dg.TableSchema(columns=columns))
