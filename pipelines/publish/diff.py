"""``spm diff``: the cells that differ between two releases, each with the reason that the ledgers give.

A ledger (``mart_restatement``) compares a release with the one it was built on; here any two are compared.
Only periods that both hold: a period published in between restates nothing.

Put here: that comparison. Keep out: the ledger itself (``mart_restatement.sql``), printing (``cli.show``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import ConfigurationError
from pipelines.publish.releases import Releases
from pipelines.warehouse.manifest import marts
from pipelines.warehouse.parquet import columns_of, quoted, read
from pipelines.warehouse.release_tables import rows_of

FIRST_SEEN = ("index", "band_code", "rank_national", "rank_province")
"""The columns of mart_region_score that a person looks at first."""
AT_FIRST = 50
LEDGER = "mart_restatement"
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


def difference(releases: Releases, old: str, new: str, wanted: Wanted) -> Difference:
    """Compare two releases, neighbours or not, in either order.

    Raises:
        UnknownReleaseError: there is no such release.
        UnknownTableError: see there.
    """
    old, new = releases.find(old), releases.find(new)
    tables = compared_tables()
    if wanted.table is not None and wanted.table not in tables:
        raise UnknownTableError(f"{wanted.table}: tidak dibandingkan / not compared; {', '.join(tables)}")
    notes = []
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        before, after = releases.folder(old), releases.folder(new)
        periods, alone = _periods(connection, before, after)
        notes += [f"{period}: hanya di / only in {old if there else new}" for period, there in alone]
        cells = []
        for table in [wanted.table] if wanted.table else tables:
            here, there = (folder / f"{table}.parquet" for folder in (before, after))
            if missing := [release for release, path in ((old, here), (new, there)) if not path.exists()]:
                notes.append(f"{table}: tidak ada di / not in {', '.join(missing)}")
                continue
            sides = columns_of(connection, here), columns_of(connection, there)
            notes += [
                f"{table}.{name}: hanya di / only in {old if name in sides[0] else new}"
                for name in sorted(sides[0].keys() ^ sides[1].keys())
            ]
            cells.append(_cells(table, tables[table], here, there, *sides))
        connection.execute("create table periods as select unnest(?) as period", [periods])
        connection.execute(f"create table cells as {_among(' union all '.join(cells), wanted)}")
        connection.execute(f"create table ledger as {_ledgers(releases, old, new)}")
        return Difference(old, new, notes, *_told(connection, wanted))


def compared_tables() -> dict[str, Mapping[str, Any]]:
    """The tables of the ledger: ``key``, whether rows that share it are ``numbered``, and columns that are
    not compared (``provenance``) or not told of rows that come or go (``descriptive``).
    """
    return {
        card.name: {
            "key": card.ledger.natural_key or card.key,
            "numbered": bool(card.ledger.natural_key),
            "provenance": card.ledger.provenance,
            "descriptive": card.ledger.descriptive,
        }
        for card in marts().values()
        if card.ledger is not None
    }


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


def _cells(
    table: str,
    meta: Mapping[str, Any],
    before: Path,
    after: Path,
    old: Mapping[str, str],
    new: Mapping[str, str],
) -> str:
    """The query of the cells of a table that differ, as ``macros/restatement.sql`` finds them."""
    key = list(meta["key"])
    present = [name for name in new if name in old and name not in meta["provenance"]]
    values = [name for name in present if name not in key]
    listed = ", ".join(f'"{name}"' for name in present)
    keyed, ordered = (", ".join(f'"{name}"' for name in names) for names in (key, values or key))
    rows = [f"select {listed} from {read(path)} semi join periods using (period)" for path in (after, before)]
    sides = [
        f"select *, row_number() over (partition by {keyed} order by {ordered}) as row_in_key"
        f" from ({mine} except all {others})"
        for mine, others in (rows, reversed(rows))
    ]
    parts = sorted([*key, "row_in_key"] if meta["numbered"] else key)
    packed = ", ".join(f'\'{name}\': coalesce(after."{name}", before."{name}")' for name in parts)
    places = ", ".join(
        f"coalesce(after.{name}, before.{name}) as {name}" if name in present else f"null::varchar as {name}"
        for name in ("region_code", "period", "sector_code")
    )
    cells = ", ".join(
        f"{{'column_name': '{name}', 'old': {_text('before', name, old)}, 'new': {_text('after', name, new)},"
        f" 'is_told': {'after.row_in_key = before.row_in_key' if name in meta['descriptive'] else 'true'}}}"
        for name in values
    )
    matched = " and ".join(f'after."{name}" is not distinct from before."{name}"' for name in key)
    return (
        "select table_name, key, cell.column_name, region_code, period, sector_code, cell.old, cell.new"
        f" from (select '{table}' as table_name, to_json({{{packed}}})::varchar as key, {places},"
        f" unnest([{cells}]) as cell from ({sides[0]}) as after full outer join ({sides[1]}) as before"
        f" on after.row_in_key = before.row_in_key and {matched}"
        f") where cell.is_told and cell.old is distinct from cell.new"
    )


def _text(side: str, name: str, types: Mapping[str, str]) -> str:
    text = f'cast({side}."{name}" as varchar)'
    if types[name].startswith("DECIMAL"):  # without the zeros that a DECIMAL carries
        return f"regexp_replace(regexp_replace({text}, '(\\.\\d*?)0+$', '\\1'), '\\.$', '')"
    return text


def _among(cells: str, wanted: Wanted) -> str:
    asked = {"region_code": wanted.region_code, "period": wanted.period}
    where = " and ".join(f"{name} = {quoted(value)}" for name, value in asked.items() if value is not None)
    none = "select null::varchar as " + ", null::varchar as ".join(
        ("table_name", "key", "column_name", "region_code", "period", "sector_code", "old", "new")
    )
    return f"select * from ({cells or none + ' limit 0'}) where {where or 'true'}"


def _ledgers(releases: Releases, old: str, new: str) -> str:
    """The last word on each cell, of the releases that lead to one of the two and not to the other."""
    lines = [releases.line(release) for release in (old, new)]
    between = sorted(set(lines[0]) ^ set(lines[1]))
    files = [(one, releases.folder(one) / f"{LEDGER}.parquet") for one in between]
    rows = [
        f"select {quoted(one)} as changed_in, {', '.join(LEDGER_KEY)}, reason, caused_by from {read(path)}"
        for one, path in files
        if path.exists()
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
