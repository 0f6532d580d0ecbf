"""Comments on schema, tables and columns, in Indonesian and English: those that the release itself carries.

Put here: bringing them over. Keep out: the words (``registry.columns``, the cards of the tables).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from pipelines.publish.manifest import DATABASE
from pipelines.publish.postgres.session import Session, identifier, literal
from pipelines.publish.postgres.tables import SCHEMA
from pipelines.warehouse.parquet import quoted

Words = Mapping[tuple[str, str], str]
"""Comment by table and column; the column is empty for the table itself."""


def words_of(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[tuple[str, str], str]:
    """The comments of the release in ``folder``, from its ``spm.duckdb``."""
    connection.execute(f"attach {quoted(folder / DATABASE)} as described (read_only)")
    try:
        found = connection.execute(
            "select table_name, '', comment from duckdb_tables() where database_name = 'described'"
            " and schema_name = 'main'"
            " union all select table_name, column_name, comment from duckdb_columns()"
            " where database_name = 'described' and schema_name = 'main'"
        ).fetchall()
    finally:
        connection.execute("detach described")
    return {(table, column): comment for table, column, comment in found if comment}


def statements(session: Session, wanted: Words) -> Iterator[str]:
    """What to say for the comments that are not there yet, or are others."""
    held = _held(session)
    for (table, column), comment in sorted(wanted.items()):
        if held.get((table, column)) == comment:
            continue
        what = f"column {SCHEMA}.{identifier(table)}.{identifier(column)}"
        if not column:
            what = f"table {SCHEMA}.{identifier(table)}"
        yield f"comment on {what} is {literal(comment)}"


def _held(session: Session) -> dict[tuple[str, str], str]:
    found = session.rows(
        "select c.relname::text, coalesce(a.attname::text, ''), d.description"
        " from pg_catalog.pg_description as d inner join pg_catalog.pg_class as c on c.oid = d.objoid"
        " left join pg_catalog.pg_attribute as a"
        " on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0"
        " where d.classoid = 'pg_catalog.pg_class'::regclass and c.relkind in ('r', 'p')"
        f" and c.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = '{SCHEMA}')"
    )
    return {(table, column): comment for table, column, comment in found}
