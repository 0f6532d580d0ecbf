"""The tables of one release as the public gets them: query, columns with their words, key, relations.

Words are those that the release itself bears (``meta_column``, the comments in ``spm.duckdb``): a label that
changes later changes nothing that is out.

Put here: reading them. Keep out: which they are (``choice``), how they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.publish.open_data.choice import PUBLIC, is_public
from pipelines.warehouse.parquet import quoted, read

_RELATIONS = {
    "period": "dim_period",
    "sector_code": "dim_sector",
    "service_code": "dim_service",
    "method_version": "dim_method",
}
_WITHOUT_RELATIONS = frozenset({"mart_finding", "mart_correction", "mart_restatement", "mart_waiver"})
"""What was found wrong or decided on: it may name a period or service that there is not."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type as DuckDB spells it, and its words; older releases lack ``aggregation``."""

    name: str
    kind: str
    words: Mapping[str, str]

    @property
    def is_decimal(self) -> bool:
        """Whether it holds exact fractions."""
        return self.kind.startswith("DECIMAL")


@dataclass(frozen=True, slots=True)
class PublicTable:
    """One table. ``key`` is empty where no columns of those given out tell all rows apart without nulls;
    ``relations`` give the table that a column's codes stand in."""

    name: str
    title_id: str
    title_en: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    relations: Mapping[str, str]
    query: str
    rows: int

    @property
    def sentences(self) -> tuple[str, str]:
        """What one row is, in Indonesian and in English."""
        indonesian, _, english = self.comment.partition(" / ")
        return indonesian, english


def public_tables(
    connection: duckdb.DuckDBPyConnection, folder: Path, keys: Mapping[str, tuple[str, ...]]
) -> dict[str, PublicTable]:
    """What the public may have of the release in ``folder``, by name; ``keys`` as the contracts name them."""
    comments = _comments(connection, folder)
    words = _words(connection, folder)
    there = [name for name in PUBLIC if (folder / f"{name}.parquet").exists()]
    return {name: _table(connection, folder, name, keys, comments, words, there) for name in there}


def _table(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    name: str,
    keys: Mapping[str, tuple[str, ...]],
    comments: Mapping[str, str],
    words: Mapping[tuple[str, str], Mapping[str, str]],
    there: list[str],
) -> PublicTable:
    choice, file = PUBLIC[name], read(folder / f"{name}.parquet")
    found = connection.execute(f"describe from {file}").fetchall()
    columns = tuple(
        Column(column, kind, words.get((name, column), {}))
        for column, kind, *_ in found
        if is_public(name, column)
    )
    instead = {column: expr.replace("{file}", file) for column, expr in choice.instead.items()}
    listed = ", ".join(
        f'{instead[one.name]} as "{one.name}"' if one.name in instead else f'"{one.name}"' for one in columns
    )
    where = _described(connection, folder, there) if name == "meta_column" else choice.where
    query = f"select {listed} from {file} where {where}"
    names = {column.name for column in columns}
    key = keys.get(name, ())
    counted = ", ".join(["count(*)", *(f'count("{column}")' for column in key if column in names)])
    rows, *filled = connection.execute(f"select {counted} from ({query})").fetchall()[0]
    has_key = set(key) <= names and all(count == rows for count in filled)
    relations = {
        column: other
        for column, other in _RELATIONS.items()
        if column in names and other != name and name not in _WITHOUT_RELATIONS
    }
    return PublicTable(
        name,
        choice.title_id,
        choice.title_en,
        comments.get(name, ""),
        columns,
        key if has_key else (),
        relations,
        query,
        int(rows),
    )


def _described(connection: duckdb.DuckDBPyConnection, folder: Path, there: list[str]) -> str:
    """Which rows of ``meta_column`` speak of what is given out."""
    rows = connection.execute(
        f"select table_name, column_name from {read(folder / 'meta_column.parquet')} order by all"
    ).fetchall()
    kept = [
        f"({quoted(table)}, {quoted(column)})"
        for table, column in rows
        if table in there and is_public(table, column)
    ]
    return f"(table_name, column_name) in ({', '.join(kept)})"


def _comments(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, str]:
    connection.execute(f"attach {quoted(folder / 'spm.duckdb')} as described (read_only)")
    try:
        found = connection.execute(
            "select table_name, comment from duckdb_tables() where database_name = 'described'"
        ).fetchall()
    finally:
        connection.execute("detach described")
    return {table: comment or "" for table, comment in found}


def _words(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    found = connection.execute(f"from {read(folder / 'meta_column.parquet')}")
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {(row.pop("table_name"), row.pop("column_name")): row for row in rows}
