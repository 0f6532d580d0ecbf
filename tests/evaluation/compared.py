"""What a release found of what was planted: recall, the right cell, and clean rows that were flagged.

A planting is found by a finding of its rule in its document; at the right cell where the finding names just
its place. Where the place is the report as a whole, region and quarter are the place. A row is clean when
nothing was planted in it, nor in its report as a whole.

Put here: the counts. Keep out: how they are shown (``page``).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

import duckdb

from pipelines.registry.rules import rules
from spm_sample.errors import KINDS

Key = tuple[str, str]


@dataclass(frozen=True)
class Recall:
    """Of one kind and one rule that finds it: how many were planted, found, found at the right cell."""

    planted: int
    found: int
    at_cell: int
    fatal: bool

    @property
    def share(self) -> float:
        """Found of planted, 0 to 1."""
        return self.found / self.planted

    @property
    def cell_share(self) -> float:
        """Found at the right cell, of found; 1 where nothing was found."""
        return self.at_cell / self.found if self.found else 1.0

    def __add__(self, other: Recall) -> Recall:
        return Recall(
            self.planted + other.planted,
            self.found + other.found,
            self.at_cell + other.at_cell,
            self.fatal or other.fatal,
        )


@dataclass(frozen=True)
class Compared:
    """One release, or several, against what was planted.

    ``recalls``: by kind and rule. ``unruled``: by kind without a rule, planted and flagged. ``looked_at``:
    clean rows, sectors and reports, by scope (``row``, ``region_sector``, ``region``). ``flagged``: those
    that any rule of that scope flags. ``by_rule``: the same by rule.
    """

    recalls: Mapping[Key, Recall] = field(default_factory=dict)
    unruled: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    looked_at: Mapping[str, int] = field(default_factory=dict)
    flagged: Mapping[str, int] = field(default_factory=dict)
    by_rule: Mapping[Key, int] = field(default_factory=dict)

    def __add__(self, other: Compared) -> Compared:
        return Compared(
            _sums(self.recalls, other.recalls, lambda one, two: one + two),
            _sums(self.unruled, other.unruled, lambda one, two: (one[0] + two[0], one[1] + two[1])),
            _sums(self.looked_at, other.looked_at, lambda one, two: one + two),
            _sums(self.flagged, other.flagged, lambda one, two: one + two),
            _sums(self.by_rule, other.by_rule, lambda one, two: one + two),
        )


def _sums(one, two, add):  # type: ignore[no-untyped-def]
    return {
        key: add(one[key], two[key]) if key in one and key in two else one.get(key, two.get(key))
        for key in [*one, *(key for key in two if key not in one)]
    }


def together(compared: Iterable[Compared]) -> Compared:
    """Several as one."""
    return reduce(lambda one, two: one + two, compared, Compared())


def compare(folder: Path, release: Path, periods: Iterable[str]) -> Compared:
    """Hold ``release`` against ``folder/planted.csv``, of ``periods`` alone."""
    with duckdb.connect() as connection:
        for table in ("mart_finding", "mart_document", "mart_quarantine", "fct_indicator"):
            connection.from_parquet(str(release / f"{table}.parquet")).create_view(table)
        _load(connection, folder, set(periods))
        connection.execute(_VIEWS)
        return Compared(
            {
                (kind, rule): Recall(planted, found, at_cell, fatal)
                for kind, rule, planted, found, at_cell, fatal in connection.execute(_RECALL).fetchall()
            },
            {kind: (planted, hit) for kind, planted, hit in connection.execute(_UNRULED).fetchall()},
            dict(connection.execute(_LOOKED_AT).fetchall()),
            dict(connection.execute(_FLAGGED).fetchall()),
            {(scope, rule): count for scope, rule, count in connection.execute(_BY_RULE).fetchall()},
        )


def _load(connection: duckdb.DuckDBPyConnection, folder: Path, periods: set[str]) -> None:
    with (folder / "planted.csv").open(encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file) if line["period"] in periods]
    digests: dict[Path, str] = {}
    rows = []
    for number, line in enumerate(lines):
        path = folder / "inbox" / line["period"] / line["document"]
        if path not in digests:
            digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        level = KINDS[line["kind"]].level
        rows.append(
            [
                *(number, line["kind"], level, line["rule_id"], line["fatal"] == "true"),
                *(line["region_code"], line["period"], digests[path], line["place"]),
            ]
        )
    connection.execute(
        "create table planted (number int, kind varchar, level varchar, rule_id varchar, is_fatal boolean,"
        " region_code varchar, period varchar, document_id varchar, place varchar)"
    )
    if rows:
        connection.executemany(f"insert into planted values ({', '.join('?' * 9)})", rows)
    connection.execute("create table rules (rule_id varchar, scope varchar)")
    connection.executemany(
        "insert into rules values (?, ?)", [(rule.rule_id, rule.scope) for rule in rules().values()]
    )
    connection.execute("create table judged as select unnest(?::varchar[]) as period", [sorted(periods)])
    documents = [
        (hashlib.sha256(path.read_bytes()).hexdigest()[:12], path.parent.name)
        for path in sorted(folder.glob("inbox/*/*"))
        if path.parent.name in periods
    ]
    connection.execute("create table sent (document_id varchar, period varchar)")
    connection.executemany("insert into sent values (?, ?)", documents)


_ROW = "regexp_replace({0}, '![A-Z]+([0-9]+)$', '!\\1')"
_VIEWS = f"""
    create view findings as
    select
        row_number() over () as finding_number,
        rule_id, severity, region_code, period, sector_code, source_ref, submission_id,
        left(coalesce(submission_id, source_ref), 12) as document_id,
        {_ROW.format("source_ref")} as row_ref
    from mart_finding
    where status <> 'fixed'
        and (period in (from judged) or left(coalesce(submission_id, source_ref), 12) in
            (select document_id from sent));

    create view wanted as
    select *, document_id || ':' || place as ref, {_ROW.format("document_id || ':' || place")} as row_ref
    from planted;

    -- the finding of just this place, or of the whole report where no place is told
    create table exact as
    select wanted.number, any_value(findings.finding_number) as finding_number
    from wanted
    inner join findings
        on wanted.rule_id = findings.rule_id
        and (wanted.ref = findings.source_ref or (
            wanted.place = '' and not wanted.is_fatal
            and wanted.region_code = findings.region_code and wanted.period = findings.period
        ))
    group by wanted.number;

    -- what is left over on both sides, one by one, within a document or a region's quarter
    create table elsewhere as
    with left_planted as (
        select *, row_number() over (partition by rule_id, document_id order by number) as turn
        from wanted where rule_id <> '' and number not in (select number from exact)
    ),
    left_found as (
        select *, row_number() over (partition by rule_id, document_id order by finding_number) as turn
        from findings where finding_number not in (select finding_number from exact)
    )
    select left_planted.number
    from left_planted
    inner join left_found using (rule_id, document_id, turn);

    create view spoiled_documents as
    select distinct document_id from planted where level = 'document'
    union
    select distinct sent.document_id from sent
    inner join planted on planted.level = 'document' and planted.period = sent.period
    inner join mart_document as known
        on known.document_id = sent.document_id and known.region_code = planted.region_code
        and known.period = planted.period;

    create view clean_documents as
    select document_id from sent where document_id not in (from spoiled_documents);

    create view untouched_documents as
    select document_id from clean_documents where document_id not in (select document_id from planted);
"""
_RECALL = """
    select kind, rule_id, count(*), count(*) filter (where number in (select number from exact)
        or number in (select number from elsewhere)),
        count(*) filter (where number in (select number from exact)), bool_or(is_fatal)
    from wanted where rule_id <> ''
    group by kind, rule_id
    order by kind, rule_id
"""
_UNRULED = """
    select kind, count(*), count(*) filter (where place <> '' and row_ref in (select row_ref from findings))
    from wanted where rule_id = ''
    group by kind
"""
_CLEAN_FINDINGS = """
    select distinct on (scope, rule_id, thing) *
    from (
        select
            rules.scope, findings.rule_id,
            case rules.scope
                when 'row' then findings.row_ref
                when 'region_sector' then findings.submission_id || '/' || findings.sector_code
                else findings.region_code || '/' || findings.period
            end as thing
        from findings
        inner join rules using (rule_id)
        where case rules.scope
            when 'row' then findings.document_id in (from clean_documents)
                and findings.row_ref not in (select row_ref from wanted)
            else findings.document_id in (from untouched_documents)
        end
    )
"""
_LOOKED_AT = """
    select 'row', coalesce((
        select sum(rows_received) from mart_document where document_id in (from clean_documents)
    ), 0)::bigint - (
        select count(distinct row_ref) from wanted where document_id in (from clean_documents)
    )
    union all
    select 'region_sector', count(distinct (submission_id, sector_code)) from fct_indicator
    where left(submission_id, 12) in (from untouched_documents)
    union all
    select 'region', count(distinct (region_code, period)) from mart_document
    where document_id in (from untouched_documents) and region_code is not null
"""
_FLAGGED = f"select scope, count(distinct thing) from ({_CLEAN_FINDINGS}) group by scope"
_BY_RULE = f"select scope, rule_id, count(*) from ({_CLEAN_FINDINGS}) group by scope, rule_id"
