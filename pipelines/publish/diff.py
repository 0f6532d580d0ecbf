"""``spm diff``: the cells that differ between two releases, each with the reason that the ledgers give.

A ledger (``mart_restatement``) compares a release with the one it was built on; here any two are compared.
Only periods that both hold: a period published in between restates nothing.

Put here: asking for that comparison. Keep out: the comparison itself and the ledger
(``dbt_project/models/all_periods/ledger``, ``mart_restatement.sql``), printing (``cli.show``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import ConfigurationError
from pipelines.messages import most_like, say
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from pipelines.warehouse.compiled import project
from pipelines.warehouse.manifest import marts
from pipelines.warehouse.parquet import columns_of, quoted, read
from pipelines.warehouse.release_tables import rows_of

FIRST_SEEN = ("index", "band_code", "rank_national", "rank_province")
"""The columns of mart_region_score that a person looks at first."""
AT_FIRST = 50
LEDGER = "mart_restatement"
CELLS = "int_restatements__cells"
WORK = "work"
"""The catalog that compiled models name: that of a run's work file."""
LEDGER_KEY = ("table_name", "key", "column_name")


class UnknownTableError(ConfigurationError):
    """No table of that name is compared; the message names those that are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cells: of one table, region code or period; ``every`` one, or those a person looks at first."""

    table: str | None = None
    region_code: str | None = None
    period: str | None = None
    every: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs from release ``old`` to ``new``.

    ``notes`` say what cannot be compared; ``summary`` counts cells by table and reason, ``total`` all;
    ``cells`` are rows of the ledger's shape, ``changed_in`` being the release that changed the cell last.
    """

    old: str
    new: str
    notes: list[str] = field(default_factory=list)
    summary: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    cells: list[dict[str, Any]] = field(default_factory=list)


def difference(settings: Settings, old: str, new: str, wanted: Wanted) -> Difference:
    """Compare two releases, neighbours or not, in either order.

    The query is the one that makes the ledger, as dbt compiled it: to it the older release is the one before
    the run, and the newer one what the run made.

    Raises:
        UnknownReleaseError: there is no such release.
        UnknownTableError: the table is none of the ledger's.
    """
    releases = Releases(settings.published)
    old, new = releases.find(old), releases.find(new)
    tables = {name: card.columns for name, card in marts().items() if card.ledger is not None}
    if wanted.table is not None and wanted.table not in tables:
        raise UnknownTableError(
            say("diff.not_compared", at=wanted.table, tables=most_like(wanted.table, tables))
        )
    if old == new:  # a release does not differ from itself
        return Difference(old, new)
    cells = project(settings.threads, settings.memory_limit).model(CELLS).sql
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        before, after = releases.folder(old), releases.folder(new)
        periods, alone = _periods(connection, before, after)
        notes = [say("diff.only_in", at=period, release=old if there else new) for period, there in alone]
        in_both: dict[str, set[str]] = {}
        for table in [wanted.table] if wanted.table else tables:
            files = [folder / f"{table}.parquet" for folder in (before, after)]
            sides = [set(columns_of(connection, file)) if file.exists() else set() for file in files]
            notes += _only_in(table, dict(zip((old, new), sides, strict=True)))
            in_both[table] = sides[0] & sides[1]
        _relations_of_a_run(connection, tables, in_both, periods, before, after)
        connection.execute(f"create table cells as {_among(cells, wanted)}")
        connection.execute(f"create table ledger as {_ledgers(releases, old, new)}")
        return Difference(old, new, notes, *_told(connection, wanted))


def _relations_of_a_run(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, Mapping[str, str]],
    in_both: Mapping[str, Collection[str]],
    periods: Sequence[str],
    before: Path,
    after: Path,
) -> None:
    """Make the relations that the model of the cells reads.

    ``tables`` gives the columns and types of each table of the ledger, ``in_both`` the columns to compare:
    the others are null on both sides, a table without any is empty.
    """
    connection.execute(f"attach ':memory:' as {WORK}")
    for schema in ("marts", "staging", "all_periods"):
        connection.execute(f"create schema {WORK}.{schema}")
    connection.execute(
        f"create table {WORK}.all_periods.int_restatements__periods as"
        " select unnest(?::varchar[]) as period, true as is_in_run",
        [periods],
    )
    columns = [f"{table}.{name}" for table, names in in_both.items() for name in names]
    connection.execute(f"create table {WORK}.staging.stg_run__context (columns_before varchar[])")
    connection.execute(f"insert into {WORK}.staging.stg_run__context values (?)", [columns])
    for table, types in tables.items():
        compared = in_both.get(table, ())
        listed = ", ".join(
            f'"{name}"' if name in compared else f'null::{kind} as "{name}"' for name, kind in types.items()
        )
        for relation, folder in (f"staging.stg_published__{table}", before), (f"marts.{table}", after):
            rows = f"from {read(folder / f'{table}.parquet')}" if compared else "where false"
            connection.execute(f"create view {WORK}.{relation} as select {listed} {rows}")


def _periods(
    connection: duckdb.DuckDBPyConnection, before: Path, after: Path
) -> tuple[list[str], list[tuple[str, bool]]]:
    """The periods of both releases, and those of one alone (whether the older one)."""
    found = connection.execute(
        f"""
        select coalesce(old.period, new.period) as period, old.period is not null, new.period is not null
        from (select distinct period from {read(before / "mart_region_score.parquet")}) as old
        full outer join (select distinct period from {read(after / "mart_region_score.parquet")}) as new
            on old.period = new.period
        order by period
        """
    ).fetchall()
    both = [period for period, in_old, in_new in found if in_old and in_new]
    return both, [(period, in_old) for period, in_old, in_new in found if not (in_old and in_new)]


def _only_in(table: str, sides: Mapping[str, set[str]]) -> list[str]:
    """What of a table one of two releases has alone, from the columns of each."""
    if missing := [release for release, columns in sides.items() if not columns]:
        return [say("diff.not_in", at=table, releases=", ".join(missing))]
    one, other = sides.values()
    found = {name: release for release, columns in sides.items() for name in columns & (one ^ other)}
    return [say("diff.only_in", at=f"{table}.{name}", release=found[name]) for name in sorted(found)]


def _among(cells: str, wanted: Wanted) -> str:
    asked = {"region_code": wanted.region_code, "period": wanted.period}
    where = " and ".join(f"{name} = {quoted(value)}" for name, value in asked.items() if value is not None)
    return (
        "select table_name, key, column_name, region_code, period, sector_code, old, new"
        f" from (\n{cells}\n) where {where or 'true'}"
    )


def _ledgers(releases: Releases, old: str, new: str) -> str:
    """The last word on each cell, of the releases that lead to one of the two and not to the other."""
    lines = [releases.line(release) for release in (old, new)]
    between = sorted(set(lines[0]) ^ set(lines[1]))
    # a release between them may be pruned by now: its ledger stays
    files = [
        (one, releases.table(one, LEDGER)) for one in between if f"{LEDGER}.parquet" in releases.files(one)
    ]
    # each holds the changes of those before it, too
    rows = [
        f"select {quoted(one)} as changed_in, {', '.join(LEDGER_KEY)}, reason, caused_by from {read(path)}"
        f" where release_before = {quoted(releases.manifest(one).release_before)}"
        for one, path in files
    ]
    none = ", ".join(f"'' as {name}" for name in ("changed_in", *LEDGER_KEY, "reason", "caused_by"))
    return (
        f"select * from ({' union all '.join(rows) or 'select ' + none + ' limit 0'})"
        f" qualify row_number() over (partition by {', '.join(LEDGER_KEY)} order by changed_in desc) = 1"
    )


def _told(
    connection: duckdb.DuckDBPyConnection, wanted: Wanted
) -> tuple[list[dict[str, Any]], int, list[dict[str, Any]]]:
    connection.execute(
        "create view explained as select cells.*, ledger.reason, ledger.caused_by, ledger.changed_in"
        f" from cells left join ledger using ({', '.join(LEDGER_KEY)})"
    )
    summary = rows_of(
        connection,
        "select table_name, reason, count(*) as cells, count(distinct region_code) as regions"
        " from explained group by all order by all",
    )
    shown = "true"
    if not (wanted.every or wanted.table):
        shown = f"table_name = 'mart_region_score' and column_name in {FIRST_SEEN}"
    limit = "" if wanted.every else f"limit {AT_FIRST}"
    cells = rows_of(
        connection,
        f"select * from explained where {shown} order by table_name, period, key, column_name {limit}",
    )
    return summary, sum(row["cells"] for row in summary), cells
