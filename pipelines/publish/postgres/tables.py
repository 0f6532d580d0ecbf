"""What the tables of a release are in PostgreSQL, and how far the database is from that.

The types are those of the release's files, which the contracts of the marts enforced: ``decimal(p, s)`` is
``numeric(p, s)``. A database only ever gains columns and tables. Another type is refused by name: the driver
would copy into it without a word, and wrong.

Put here: columns and types. Keep out: keys (``keys``), who may read (``access``), rows (``load``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.messages import say
from pipelines.publish.postgres.session import PostgresFailed, Session, identifier
from pipelines.warehouse.manifest import cards
from pipelines.warehouse.parquet import read

SCHEMA = "marts"
_TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "TIMESTAMPTZ": "timestamp with time zone",
}
Columns = Mapping[str, str]
"""Type by name of column, as PostgreSQL's ``format_type`` writes it."""


class OtherShapeError(PostgresFailed):
    """A column of the database has another type: a breaking change, which needs a person."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a release; all but its columns is as its card says (``warehouse.manifest``)."""

    name: str
    columns: Columns
    key: tuple[str, ...] = ()
    key_has_nulls: bool = True
    relations: tuple[str, ...] = ()
    closed: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """Schema and name, as SQL writes them."""
        return f"{SCHEMA}.{identifier(self.name)}"

    def is_code(self, column: str) -> bool:
        """Whether a column holds codes: compared byte by byte, the same on every server, and quick."""
        is_text = self.columns[column] == "text"
        return is_text and (column in self.key or column == "period" or column.endswith("_code"))

    def create(self) -> str:
        """The statement that makes it, without keys."""
        return f"create table {self.place} ({', '.join(map(self._column, self.columns))})"

    def add(self, column: str) -> str:
        """The statement that adds a column, empty in every row."""
        return f"alter table {self.place} add column {self._column(column)}"

    def _column(self, column: str) -> str:
        collation = ' collate "C"' if self.is_code(column) else ""
        return f"{identifier(column)} {self.columns[column]}{collation}"


def postgres_type(kind: str) -> str:
    """The type in PostgreSQL of a column of DuckDB or of a contract: ``decimal(18, 6)`` is ``numeric(18,6)``.

    Raises:
        KeyError: no table of ours has had that type so far.
    """
    if kind.upper().startswith("DECIMAL"):
        return "numeric" + kind[len("DECIMAL") :].replace(" ", "")
    return _TYPES[kind.upper()]


def tables_of(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Table]:
    """The tables of the release in ``folder``, by name."""
    return {
        path.stem: _table(path.stem, _columns(connection, path)) for path in sorted(folder.glob("*.parquet"))
    }


def held_tables(session: Session) -> dict[str, Columns]:
    """The tables that the database has now, with their columns."""
    found: dict[str, Columns] = {}
    for table, column, kind in session.rows(
        "select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod)"
        " from pg_catalog.pg_class as c inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid"
        f" where c.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = '{SCHEMA}')"
        " and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped order by 1, a.attnum"
    ):
        found[table] = {**found.get(table, {}), column: kind}
    return found


def missing_columns(wanted: Mapping[str, Table], held: Mapping[str, Columns]) -> list[str]:
    """The statements that give the tables that are there the columns that they lack.

    Raises:
        OtherShapeError: a column of the database has another type.
    """
    wrong = [
        f"{SCHEMA}.{name}.{column}: {held[name][column]} ≠ {kind}"
        for name, table in wanted.items()
        for column, kind in table.columns.items()
        if held.get(name, {}).get(column, kind) != kind
    ]
    if wrong:
        raise OtherShapeError(say("postgres.other_type", columns="; ".join(wrong)))
    return [
        table.add(column)
        for name, table in wanted.items()
        if name in held
        for column in table.columns
        if column not in held[name]
    ]


def _table(name: str, columns: Columns) -> Table:
    # a newer version of this code may have published a table that this one does not know: nor who may see it
    if (card := cards().get(name)) is None:
        return Table(name, columns, closed=frozenset(columns))
    return Table(name, columns, card.key, card.key_has_nulls, card.relations, card.closed)


def _columns(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    found = connection.execute(f"describe from {read(path)}").fetchall()
    return {row[0]: postgres_type(row[1]) for row in found}
