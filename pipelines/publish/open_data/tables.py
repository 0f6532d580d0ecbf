"""The tables of one release as the public gets them: query, columns with their words, key, relations.

Words are those of the release itself (``meta_column``, the comments in ``spm.duckdb``): a label that
changes later changes nothing that is out.

Put here: reading them. Keep out: which they are (``choice``), how they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines.messages import Message
from pipelines.publish.manifest import DATABASE
from pipelines.publish.open_data.choice import is_public, public_choice, readable
from pipelines.registry.columns import words_of
from pipelines.submissions.demo_mark import marked_title
from pipelines.warehouse.manifest import Public, cards
from pipelines.warehouse.parquet import columns_of, quoted, read
from pipelines.warehouse.release_tables import rows_of

DEMO_COLUMN = "demo_notice"
"""The column that every row of made-up data has, and no row of other data."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type as DuckDB spells it, and its words."""

    name: str
    kind: str
    words: Mapping[str, str]

    @property
    def is_decimal(self) -> bool:
        """Whether it holds exact fractions."""
        return self.kind.startswith("DECIMAL")


@dataclass(frozen=True, slots=True)
class PublicTable:
    """One table. ``key`` is empty when the published columns contain no key without nulls; ``relations`` give
    the table that a column's codes stand in."""

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
    def sentences(self) -> Message:
        """What one row is."""
        return Message.of(self.comment)


def public_tables(
    connection: duckdb.DuckDBPyConnection, folder: Path, is_demo: bool = False
) -> dict[str, PublicTable]:
    """What the public may have of the release in ``folder``, by name.

    Each row of made-up data says so in a column of its own: rows are copied out of files.
    """
    comments = _comments(connection, folder)
    words = _words(connection, folder)
    there = {
        name: public for name, public in public_choice().items() if (folder / f"{name}.parquet").exists()
    }
    found = {name: _table(connection, folder, name, comments, words, there) for name in there}
    return {name: _marked(table) for name, table in found.items()} if is_demo else found


def _marked(table: PublicTable) -> PublicTable:
    column = Column(DEMO_COLUMN, "VARCHAR", {**words_of("mart_release", "is_demo"), "unit": "text"})
    query = f"select *, {quoted(marked_title())} as {DEMO_COLUMN} from ({table.query})"
    return replace(table, columns=(*table.columns, column), query=query)


def _table(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    name: str,
    comments: Mapping[str, str],
    words: Mapping[tuple[str, str], Mapping[str, str]],
    there: Mapping[str, Public],
) -> PublicTable:
    card, public, file = cards()[name], there[name], read(folder / f"{name}.parquet")
    found = columns_of(connection, folder / f"{name}.parquet")
    columns = tuple(
        Column(column, kind, words[name, column]) for column, kind in found.items() if is_public(card, column)
    )
    listed = ", ".join(readable(public, column.name, file) for column in columns)
    where = _described(connection, folder, there) if name == "meta_column" else public.where
    query = f"select {listed} from {file} where {where}"
    rows = connection.execute(f"select count(*) from ({query})").fetchall()[0][0]
    names = {column.name for column in columns}
    keys = {other: cards()[other].key for other in card.relations}
    return PublicTable(
        name,
        public.title_id,
        public.title_en,
        comments.get(name, ""),
        columns,
        card.key if set(card.key) <= names and not card.key_has_nulls else (),
        {key[0]: other for other, key in keys.items() if len(key) == 1 and key[0] in names},
        query,
        int(rows),
    )


def _described(connection: duckdb.DuckDBPyConnection, folder: Path, there: Mapping[str, Public]) -> str:
    """Which rows of ``meta_column`` speak of what is given out."""
    rows = connection.execute(
        f"select table_name, column_name from {read(folder / 'meta_column.parquet')} order by all"
    ).fetchall()
    kept = [
        f"({quoted(table)}, {quoted(column)})"
        for table, column in rows
        if table in there and is_public(cards()[table], column)
    ]
    return f"(table_name, column_name) in ({', '.join(kept)})"


def _comments(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, str]:
    connection.execute(f"attach {quoted(folder / DATABASE)} as described (read_only)")
    try:
        found = connection.execute(
            "select table_name, comment from duckdb_tables() where database_name = 'described'"
        ).fetchall()
    finally:
        connection.execute("detach described")
    return {table: comment or "" for table, comment in found}


def _words(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    rows = rows_of(connection, f"from {read(folder / 'meta_column.parquet')}")
    return {(row.pop("table_name"), row.pop("column_name")): row for row in rows}
