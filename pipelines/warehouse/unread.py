"""What was received and is in no run: documents refused, rows without a period, periods not asked for.

Put here: finding it among what is landed, so that whoever runs is told. Keep out: judging (dbt), what the
sender is told (``reports.feedback``), printing (``cli.show``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from pipelines.messages import Message
from pipelines.registry.periods import all_periods
from pipelines.registry.personal_data import masked, masked_key
from pipelines.registry.rules import rules
from pipelines.warehouse.parquet import as_pattern
from pipelines.warehouse.work_file import landed_files


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A document of which nothing can be used in a run, or whose first such row stands at ``place``.

    ``sentence`` says what was found and how to fix it. ``rows`` is how many rows are held back, 0 where the
    document is refused as a whole.
    """

    source: str
    document: str
    rule_id: str
    place: str
    sentence: str
    rows: int

    def __str__(self) -> str:
        """One line: which document, where, the rule and what was found."""
        where = f"{self.document} {self.place}".rstrip()
        more = f" (+{self.rows - 1})" if self.rows > 1 else ""
        return f"{where}: {self.rule_id}{more} {self.sentence}"


def _sentence(rule_id: str, place: str, value: str) -> str:
    rule = rules()[rule_id]

    def filled(text: str) -> str:
        return text.replace("{place}", masked_key(place).text or "-").replace(
            "{value}", masked(value).text or "-"
        )

    said = f"{filled(rule.message_id)} {rule.remedy_id}", f"{filled(rule.message_en)} {rule.remedy_en}"
    return str(Message(*said))


@dataclass(frozen=True, slots=True)
class Unasked:
    """How much was received for a period that a run was not asked for and no release knows."""

    documents: int
    rows: int


@dataclass(frozen=True, slots=True)
class UnreadPart:
    """A sheet or a column of that ``name``, which was not read in ``documents`` of a source."""

    source: str
    name: str
    documents: int


DOCUMENTS = r"""
documents as (
    select
        *,
        coalesce(reject_period, nullif(regexp_extract(name, '(\d{4}-Q[1-4])[^/]*$', 1), '')) as period_told,
        max(taken_in_at) over (partition by source) as last_taken_in_at
    from read_parquet($documents, hive_partitioning = false)
    qualify row_number() over (
        partition by sha256 order by received_at asc, source asc, taken_in_at desc, reading_id asc
    ) = 1
)
"""
"""A common table expression: the reading of each document that counts, as in stg_landing__documents."""


def held_back(landing: Path, periods: Sequence[str]) -> list[HeldBack]:
    """The documents that a run over ``periods`` can read nothing of, or not every row, by name.

    Those of another period, as far as they or their names tell it, are not among them. Nor is an answer of
    unknown shape (DOC-006) whose source has answered well since.
    """
    files = _files(landing)
    if not files:
        return []
    found = duckdb.execute(
        f"""
        with {DOCUMENTS},
        refused as (
            select source, name, reject_rule, reject_place, reject_value, 0 as row_count
            from documents
            where
                reject_rule is not null
                and coalesce(list_contains($periods, period_told), true)
                and (reject_rule != 'DOC-006' or taken_in_at = last_taken_in_at)
        ),
        rows_without as (
            select
                documents.source,
                documents.name,
                arg_min(coalesce(landed.reject_rule, 'PER-001'), landed.row_number) as reject_rule,
                arg_min(coalesce(landed.row_place, ''), landed.row_number) as reject_place,
                arg_min(coalesce(landed.reject_text, landed.period, ''), landed.row_number) as reject_value,
                count(*) as row_count
            from read_parquet($rows, hive_partitioning = false) as landed
            inner join documents
                on landed.sha256 = documents.sha256
                and landed.source = documents.source
                and landed.reading_id = documents.reading_id
            where landed.period_key is null
            group by documents.source, documents.name, documents.sha256
        )
        select source, name, reject_rule, coalesce(reject_place, ''), coalesce(reject_value, ''), row_count
        from (select * from refused union all select * from rows_without)
        order by all
        """,
        {**files, "periods": list(periods)},
    )
    return [
        HeldBack(
            source,
            masked(document).text,
            rule_id,
            masked_key(place).text,
            _sentence(rule_id, place, value),
            rows,
        )
        for source, document, rule_id, place, value, rows in found.fetchall()
    ]


def nothing_accepted(tables: Path) -> list[HeldBack]:
    """The documents in the folder ``tables`` of marts that were read, and of which no row counts.

    Each with its first finding, and how many rows are held back.
    """
    marts = {name: as_pattern(tables / f"{name}.parquet") for name in ("mart_document", "mart_finding")}
    found = duckdb.execute(
        """
        with documents as (
            select document_id, any_value(source) as source, any_value(name) as name,
                sum(rows_quarantined)::int as row_count
            from read_parquet($mart_document, hive_partitioning = false)
            where reject_rule is null
            group by document_id
            having sum(rows_accepted) + sum(rows_superseded) = 0
        ),
        findings as (
            select *, left(submission_id, 12) as document_id
            from read_parquet($mart_finding, hive_partitioning = false)
            where severity = 'fatal' and status != 'fixed'
        )
        select
            documents.source,
            documents.name,
            findings.rule_id,
            substring(findings.source_ref, strpos(findings.source_ref, ':') + 1),
            findings.message_id,
            findings.message_en,
            documents.row_count
        from documents
        inner join findings
            on documents.document_id = findings.document_id
        qualify row_number() over (
            partition by documents.document_id order by length(findings.source_ref), findings.source_ref
        ) = 1
        order by all
        """,
        marts,
    )
    return [
        HeldBack(source, document, rule_id, place, str(Message(in_indonesian, in_english)), rows)
        for source, document, rule_id, place, in_indonesian, in_english, rows in found.fetchall()
    ]


def unread_parts(landing: Path, periods: Sequence[str]) -> list[UnreadPart]:
    """The sheets and columns of documents of ``periods`` that were not read, by source."""
    files = _files(landing)
    if not files:
        return []
    found = duckdb.execute(
        f"""
        with {DOCUMENTS},
        of_periods as (
            select distinct sha256, source, reading_id
            from read_parquet($rows, hive_partitioning = false)
            where list_contains($periods, period_key)
        ),
        parts as (
            select documents.source, documents.sha256, unnest(documents.unread, recursive := true)
            from documents
            inner join of_periods
                on documents.sha256 = of_periods.sha256
                and documents.source = of_periods.source
                and documents.reading_id = of_periods.reading_id
        )
        select source, value, count(distinct sha256)::int
        from parts
        group by source, value
        order by all
        """,
        {**files, "periods": list(periods)},
    )
    return [UnreadPart(source, masked(name).text, documents) for source, name, documents in found.fetchall()]


def unasked(landing: Path, asked: Sequence[str], known: Mapping[str, str]) -> dict[str, Unasked]:
    """The periods that were received, and neither ``asked`` for nor in a release, with how much.

    ``known`` are the periods whose documents are not those of the release (``build.plan.touched_periods``).
    """
    periods = sorted(set(known) - set(asked))
    files = _files(landing)
    if not files or not periods:
        return {}
    found = duckdb.execute(
        f"""
        with {DOCUMENTS},
        received as (
            select landed.period_key as period, landed.sha256, 1 as row_count
            from read_parquet($rows, hive_partitioning = false) as landed
            inner join documents
                on landed.sha256 = documents.sha256
                and landed.source = documents.source
                and landed.reading_id = documents.reading_id
            union all
            select period_told as period, sha256, 0 as row_count
            from documents
            where reject_rule is not null
        )
        select period, count(distinct sha256), sum(row_count)::int
        from received
        where list_contains($periods, period)
        group by period
        order by period
        """,
        {**files, "periods": periods},
    )
    return {period: Unasked(documents, rows) for period, documents, rows in found.fetchall()}


@dataclass(frozen=True, slots=True)
class Later:
    """A document that came after what a release knows; ``received_at`` in UTC."""

    source: str
    document: str
    received_at: datetime


def later_documents(landing: Path, known: frozenset[str], periods: Sequence[str]) -> list[Later]:
    """The documents with a row of ``periods``, or refused and perhaps of them, of batches not ``known``."""
    files = _files(landing)
    later = [path for path in files.get("documents", []) if Path(path).name.split(".")[0] not in known]
    if not later:
        return []
    found = duckdb.execute(
        f"""
        with {DOCUMENTS},
        of_periods as (
            select distinct sha256, source, reading_id
            from read_parquet($rows)
            where list_contains($periods, period_key)
        )
        select distinct documents.source, documents.name, documents.received_at
        from documents
        left join of_periods
            on documents.sha256 = of_periods.sha256
            and documents.source = of_periods.source
            and documents.reading_id = of_periods.reading_id
        where
            of_periods.sha256 is not null
            or (
                documents.reject_rule is not null
                and coalesce(list_contains($periods, documents.period_told), true)
            )
        order by documents.received_at, documents.source, documents.name
        """,
        {"rows": files["rows"], "documents": later, "periods": list(periods)},
    )
    return [Later(source, masked(name).text, received_at) for source, name, received_at in found.fetchall()]


@dataclass(frozen=True, slots=True)
class LongAfter:
    """Documents of a source that came ``years`` years or more after the window of ``period`` closed.

    ``receipt_time`` is the receipt that counts.
    """

    source: str
    period: str
    documents: int
    years: int
    receipt_time: str


def received_long_after(landing: Path, closed_on: Mapping[str, date]) -> list[LongAfter]:
    """The documents that were received a year or more after their period closed: copied archives, mostly."""
    files = _files(landing)
    if not files or not closed_on:
        return []
    found = duckdb.execute(
        f"""
        with {DOCUMENTS},
        closed as (select unnest($periods) as period, unnest($days)::date as closed_on),
        received as (
            select distinct
                documents.source,
                documents.sha256,
                documents.receipt_time,
                closed.period,
                date_diff('day', closed.closed_on, documents.received_at::date) // 365 as years
            from documents
            inner join read_parquet($rows, hive_partitioning = false) as landed
                on documents.sha256 = landed.sha256
                and documents.source = landed.source
                and documents.reading_id = landed.reading_id
            inner join closed
                on landed.period_key = closed.period
        )
        select source, period, count(*), min(years), receipt_time
        from received
        where years >= 1
        group by source, period, receipt_time
        order by source, period, receipt_time
        """,
        {**files, "periods": list(closed_on), "days": [str(day) for day in closed_on.values()]},
    )
    return [LongAfter(*row) for row in found.fetchall()]


def periods_of(landing: Path, source: str) -> set[str]:
    """The periods for which at least one row of ``source`` was ever landed."""
    files = landed_files(landing, "rows")
    if not files:
        return set()
    found = duckdb.execute(
        "select distinct period_key from read_parquet($files, hive_partitioning = false)"
        " where source = $source and period_key is not null",
        {"files": files, "source": source},
    )
    return {period for (period,) in found.fetchall()}


def told_periods(landing: Path) -> set[str]:
    """The periods that refused documents are of, as far as they or their names tell it."""
    files = _files(landing)
    if not files:
        return set()
    found = duckdb.execute(
        f"with {DOCUMENTS} select distinct period_told from documents"
        " where reject_rule is not null and period_told is not null",
        {"documents": files["documents"]},
    )
    known = frozenset(map(str, all_periods()))
    return {period for (period,) in found.fetchall()} & known


def _files(landing: Path) -> dict[str, list[str]]:
    rows, documents = landed_files(landing, "rows"), landed_files(landing, "documents")
    return {"rows": rows, "documents": documents} if rows and documents else {}
