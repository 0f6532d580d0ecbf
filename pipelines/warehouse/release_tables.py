"""Rows of a DuckDB connection as dictionaries, and the tables of one release to ask for them.

Put here: asking. Keep out: what a page asks for (the module of the page).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.warehouse.parquet import read

Row = dict[str, Any]


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str, **values: object) -> list[Row]:
    """The rows of a query by column name; ``values`` fill its ``$name``."""
    found = connection.execute(sql, values or None)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


class ReleaseTables:
    """A connection with a view for each table of a release."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection = connection
        for path in sorted(folder.glob("*.parquet")):
            connection.execute(f"create view {path.stem} as select * from {read(path)}")

    def execute(self, sql: str, **values: object) -> None:
        """Run a statement for its effect, as ``create temp table``."""
        self._connection.execute(sql, values or None)

    def rows(self, sql: str, **values: object) -> list[Row]:
        """The rows of a query, as dictionaries."""
        return rows_of(self._connection, sql, **values)

    def row(self, sql: str, **values: object) -> Row | None:
        """The first row of a query, where there is one."""
        found = self.rows(sql, **values)
        return found[0] if found else None

    def by(self, key: str, sql: str, **values: object) -> dict[Any, list[Row]]:
        """The rows of a query by the value of one of its columns, in the order of the query."""
        return grouped(self.rows(sql, **values), key)


def grouped(rows: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    """Rows by the value of one of their columns, in their order."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


@contextmanager
def release_tables(folder: Path) -> Iterator[ReleaseTables]:
    """Open the tables of the release in ``folder``; rows that no query orders keep the file's order."""
    with duckdb.connect(config={"default_null_order": "nulls_last"}) as connection:
        yield ReleaseTables(connection, folder)
