"""One build over the cases that ask for it: each has regions and documents of its own.

Put here: laying the cases out, running the models, sorting the findings to their cases.
Keep out: what is to be found (``fixtures``), documents made by code (``documents``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import duckdb

from pipelines.build import steps
from pipelines.landing.landed_rows import land
from pipelines.landing.raw_store import RawStore
from pipelines.registry.periods import QUARTER, Period
from pipelines.registry.regions import Region, regions_on
from pipelines.registry.rosters import expected_reporters
from pipelines.settings import Settings
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile
from pipelines.warehouse import dbt
from pipelines.warehouse.region_names import find
from pipelines.warehouse.work_file import received_periods
from tests.hostile.corpus import HOSTILE
from tests.integration.home import document as csv_document
from tests.integration.home import run_models
from tests.rules.cases import Case, Document, FixtureError
from tests.rules.documents import MADE

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_DAYS_AFTER_THE_QUARTER = 10
_PERIOD = "2024-Q4"
JUDGED = ("mart_finding", "mart_rule")
"""What is built, with all above it."""

Finding = dict[str, str]


@dataclass(frozen=True)
class Laid:
    """A document as it is received: whose, its bytes, how they are read."""

    case: Case
    region: Region
    spec: ReadingSpec
    file: RawFile

    @property
    def document_id(self) -> str:
        """The first digits of its hash, as in a source_ref."""
        return sha256(self.file.content).hexdigest()[:12]


@dataclass(frozen=True)
class Built:
    """The work file of a build, and the findings of each case's own rule in it."""

    work_file: Path
    findings: Mapping[str, Sequence[Finding]]


def built(folder: Path, cases: Sequence[Case]) -> Built:
    """Receive the documents of ``cases``, build what judges them, and sort what was found to its case."""
    laid = _lay(cases)
    _demand_unlike(laid)
    settings = Settings(folder / "home", None, threads=2, workers=2, now=_NOW)
    store = RawStore(settings.raw)
    for spec in dict.fromkeys(one.spec.canonical_json() for one in laid):
        own = [one for one in laid if one.spec.canonical_json() == spec]
        counted = own[0].spec.receipt_time or "store"
        store.receive(own[0].spec.name, spec, (one.file for one in own), _NOW, receipt_time=counted)
    land(store, settings.landing, settings.workers, settings.limits)
    work_file = settings.work / "test" / dbt.WORK_FILE_NAME
    # of documents that are refused no period is known
    periods = sorted(received_periods(settings.landing)) or [_PERIOD]
    steps.make_work(settings, work_file, periods)
    with duckdb.connect(str(work_file)) as connection:
        for case, region in {one.case.id: (one.case, one.region) for one in laid[::-1]}.values():
            _add_to_registry(connection, case, region)
    failed = steps.failed_nodes(run_models(settings, work_file, JUDGED))
    assert not failed, failed
    return Built(work_file, _sorted_to_cases(work_file, laid))


def _lay(cases: Sequence[Case]) -> list[Laid]:
    """Documents with their regions: certain ones first, then any that are left of the level asked for."""
    certain = (
        {case.region for case in cases if case.region} | _named_by_layouts(cases) | _named_by_rows(cases)
    )
    left = {
        "province": _reporters({"province"}, certain),
        "regency": _reporters({"regency"}, certain),
        "city": _reporters({"city"}, certain),
        "regency_city": _reporters({"regency", "city"}, certain),
    }
    specs: dict[str, ReadingSpec] = {}
    taken: set[str] = set()
    laid = []
    for case in cases:
        own = _certain(case.region) if case.region else _next(left[case.level], taken)
        for number, document in enumerate(case.documents):
            laid.append(_laid(case, document, own, number, specs))
        for document in case.others:
            laid.append(_laid(case, document, _next(left[case.level], taken), 0, specs))
    return laid


def _named_by_layouts(cases: Sequence[Case]) -> set[str]:
    """Regions that a layout names as that of all its rows: no other case may have them."""
    layouts = (document.source.get("layout") for case in cases for document in case.documents)
    named = [layout["constants"].get("region", "") for layout in layouts if isinstance(layout, dict)]
    return {find(text, Period(2024, 4).ends_on).region_code for text in named if text}


def _named_by_rows(cases: Sequence[Case]) -> set[str]:
    """Regions that rows name by their code, beside the case's own."""
    documents = [document for case in cases for document in case.documents if document.kind == "rows"]
    said = {row.get("region", "") for document in documents for row in document.body}
    return said & {region.region_code for region in regions_on(Period(2024, 4).ends_on)}


def _reporters(levels: set[str], certain: set[str]) -> Iterator[Region]:
    """Regions that are the same in every quarter a fixture may use."""
    first, last = Period(2013, 1), Period(2025, 4)
    always = {region.region_code for region in expected_reporters(first)}
    return iter(
        [
            region
            for region in expected_reporters(last)
            if region.level in levels and region.region_code in always and region.region_code not in certain
        ]
    )


def _certain(code: str) -> Region:
    return next(region for region in regions_on(Period(2024, 4).ends_on) if region.region_code == code)


def _next(left: Iterator[Region], taken: set[str]) -> Region:
    region = next(region for region in left if region.region_code not in taken)
    taken.add(region.region_code)
    return region


def _laid(case: Case, document: Document, region: Region, number: int, specs: dict[str, ReadingSpec]) -> Laid:
    content, kind = _content(document, region)
    suffix = {"workbook": "xlsx", "csv": "csv"}.get(kind, "ndjson")
    name = (document.name or "{region}_{period}." + suffix).replace("{region}", region.region_code)
    key = f"{kind} {sorted(document.source.items())}"
    if key not in specs:
        keyed = {"key": "id"} if kind in {"rest", "sql"} else {}
        specs[key] = ReadingSpec.model_validate(
            {"name": f"fixtures_{len(specs)}", "kind": kind, **keyed, **document.source}
        )
    received = _received(document) + timedelta(minutes=number)
    file = RawFile(name.replace("{period}", document.period), content, received, folder=document.folder)
    return Laid(case, region, specs[key], file)


def _content(document: Document, region: Region) -> tuple[bytes, str]:
    if document.kind == "hostile":
        hostile = HOSTILE[document.body]
        return hostile.make(), hostile.kind
    if document.kind == "made":
        made = MADE[document.body]
        return made.make(region, document.period), made.kind
    if document.kind == "lines":
        lines = [line.replace("{region}", region.region_code) for line in document.body]
        return "".join(f"{line}\n" for line in lines).encode(), "rest"
    if document.kind == "text":
        return document.body.replace("{region}", region.region_code).encode(), "csv"
    rows = [{"region": region.region_code, **row} for row in document.body]
    filled = [
        {name: text.replace("{region}", region.region_code) for name, text in row.items()} for row in rows
    ]
    return csv_document(filled), "csv"


def _received(document: Document) -> datetime:
    if document.received:
        return datetime.fromisoformat(document.received)
    rows = document.body if document.kind == "rows" else []
    periods = [row["period"] for row in rows if QUARTER.fullmatch(row.get("period", ""))]
    ends = Period.parse(max(periods, default=document.period)).ends_on
    return datetime(ends.year, ends.month, ends.day, 3, tzinfo=UTC) + timedelta(days=_DAYS_AFTER_THE_QUARTER)


def _demand_unlike(laid: Sequence[Laid]) -> None:
    by_bytes: dict[str, str] = {}
    for one in laid:
        if (other := by_bytes.setdefault(one.document_id, one.case.id)) != one.case.id:
            raise FixtureError(f"{one.case.id} and {other} hold the same document: it would be received once")


def _add_to_registry(connection: duckdb.DuckDBPyConnection, case: Case, region: Region) -> None:
    for seed, rows in case.registry.items():
        for row in rows:
            listed = ", ".join(f"? as {name}" for name in row)
            values = [text.replace("{region}", region.region_code) for text in row.values()]
            connection.execute(f"insert into registry.{seed} by name select {listed}", values)


def _sorted_to_cases(work_file: Path, laid: Sequence[Laid]) -> dict[str, list[Finding]]:
    with duckdb.connect(str(work_file), read_only=True) as connection:
        connection.execute(
            "create temp table laid (case_id varchar, rule_id varchar, id varchar, number int)"
        )
        numbered: dict[str, int] = {}
        rows = []
        for one in laid:
            numbered[one.case.id] = numbered.get(one.case.id, 0) + 1
            of_case = [one.case.id, one.case.rule_id]
            rows += [
                [*of_case, one.document_id, numbered[one.case.id]],
                [*of_case, one.region.region_code, None],
            ]
        connection.executemany("insert into laid values (?, ?, ?, ?)", rows)
        found = connection.execute(
            """
            select laid.case_id, max(laid.number) as number, findings.source_ref, findings.value,
                findings.period, findings.sector_code, findings.service_code
            from marts.mart_finding as findings
            inner join laid
                on findings.rule_id = laid.rule_id
                and (
                    laid.id in (left(findings.submission_id, 12), left(findings.source_ref, 12))
                    or laid.id = findings.region_code
                )
            group by all
            order by all
            """
        ).fetchall()
    sorted_out: dict[str, list[Finding]] = {one.case.id: [] for one in laid}
    for case_id, number, source_ref, value, period, sector, service in found:
        said = {
            "place": (source_ref or "").partition(":")[2],
            "value": value,
            "period": period,
            "sector_code": sector,
            "service_code": service,
            "document": number,
        }
        sorted_out[case_id].append({name: str(text) for name, text in said.items() if text is not None})
    return sorted_out
