"""What changed from one release to the next, asked of their Parquet files by DuckDB.

Written from the data contract alone: tables, keys and columns that are no values stand here by name, so that
a mistake of the ledger's own SQL is not made again.

Put here: cells that differ, and the ledger's, in one shape. Keep out: why they differ (``planned``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb

KEYS: Mapping[str, Sequence[str]] = {
    "fct_indicator": ("region_code", "period", "service_code", "component", "item"),
    "fct_budget": ("region_code", "period", "sector_code", "service_code", "item"),
    "fct_stage": ("region_code", "period", "sector_code", "record", "stage"),
    "fct_published_index": ("region_code", "period", "sector_code"),
    "mart_service_score": ("region_code", "period", "service_code"),
    "mart_sector_score": ("region_code", "period", "sector_code"),
    "mart_region_score": ("region_code", "period"),
    "mart_national_score": ("period", "scope"),
    "mart_compliance": ("region_code", "period"),
    "mart_compliance_summary": ("period", "level", "province_code"),
    "mart_budget": ("region_code", "period", "sector_code", "service_code"),
    "mart_stage": ("region_code", "period", "sector_code", "stage"),
    "mart_legacy_attainment": ("region_code", "period", "indicator_code"),
}
"""The tables that hold published figures, with what makes a row the same row."""
PLACES = {"submission_id", "source_ref", "target_source_ref", "own_target_source_ref"}
NAMES = {
    *("current_region_code", "region_name", "level", "province_code", "province_name", "sector_code"),
    *("subject", "indicator_name", "sector_name", "legal_basis"),
}
"""Of a row that comes or goes, these say what it is about and are no figures."""


class Place(NamedTuple):
    """Which cell: the key as text, in the order of its columns."""

    table: str
    key: tuple[tuple[str, str | None], ...]
    column: str

    def of(self, column: str) -> str | None:
        """A part of the key."""
        return dict(self.key).get(column)


@dataclass(frozen=True, slots=True)
class Change:
    """What stands in a cell of two releases; ``sector`` is the row's."""

    old: str | None
    new: str | None
    sector: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger says of a cell."""

    old: str | None
    new: str | None
    reason: str | None
    caused_by: str | None
    release_before: str | None


def changed_cells(before: Path, after: Path) -> dict[Place, Change]:
    """Every cell that differs, of the periods that were published before."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        found: dict[Place, Change] = {}
        for table, key in KEYS.items():
            for place, change in _of_table(connection, table, key, before, after):
                if place in found:
                    raise AssertionError(f"{place}: two rows of one key")
                found[place] = change
        return found


def _of_table(
    connection: duckdb.DuckDBPyConnection, table: str, key: Sequence[str], before: Path, after: Path
) -> Iterator[tuple[Place, Change]]:
    old, new = (f"read_parquet('{folder / table}.parquet')" for folder in (before, after))
    types = {name: kind for name, kind, *_ in connection.execute(f"describe from {new}").fetchall()}
    values = [name for name in types if name not in PLACES and name not in key]
    columns = [*key, *values]
    sides = ", ".join(f"cast({side}.{name} as varchar)" for side in ("before", "after") for name in columns)
    scores = f"read_parquet('{before}/mart_region_score.parquet')"
    rows = connection.execute(
        f"""
        select before.period is not null, after.period is not null, {sides}
        from {old} as before
        full outer join {new} as after
            on {" and ".join(f"before.{name} is not distinct from after.{name}" for name in key)}
        where
            coalesce(before.period, after.period) in (select period from {scores})
            and ({" or ".join(f"before.{name} is distinct from after.{name}" for name in columns)})
        """
    ).fetchall()
    for was, now, *cells in rows:
        left, right = (dict(zip(columns, cells[at:], strict=False)) for at in (0, len(columns)))
        row = right if now else left
        at = tuple(sorted((name, row[name]) for name in key))
        for name in values:
            old_text, new_text = (_plain(side[name], types[name]) for side in (left, right))
            if old_text != new_text and ((was and now) or name not in NAMES):
                yield Place(table, at, name), Change(old_text, new_text, row.get("sector_code"))


def _plain(text: str | None, kind: str) -> str | None:
    """A number without the zeros of its type, anything else as it is."""
    return text if text is None or not kind.startswith("DECIMAL") else format(Decimal(text).normalize(), "f")


def ledger_of(release: Path) -> dict[Place, Told]:
    """The cells of a release's ledger."""
    found: dict[Place, Told] = {}
    own = f"select release_before from read_parquet('{release}/mart_release.parquet')"
    rows = duckdb.sql(
        "select table_name, key, column_name, old, new, reason, caused_by, release_before"
        f" from read_parquet('{release}/mart_restatement.parquet')"
        f" where release_before = ({own} order by length(release_id) desc, release_id desc limit 1)"
    ).fetchall()
    for table, key, column, *said in rows:
        parts = json.loads(key)
        if parts.pop("row_in_key", 1) != 1:
            raise AssertionError(f"{table} {key}: the script has no two rows of one key")
        place = Place(table, tuple(sorted(parts.items())), column)
        if place in found:
            raise AssertionError(f"{place}: told twice")
        found[place] = Told(*said)
    return found


def groups_of(release: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Level and province of each region and period."""
    scores = f"read_parquet('{release}/mart_region_score.parquet')"
    rows = duckdb.sql(f"select region_code, period, level, province_code from {scores}").fetchall()
    return {(region, period): (level, province) for region, period, level, province in rows}
