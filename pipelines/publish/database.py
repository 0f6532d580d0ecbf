"""``spm.duckdb`` of a release: its tables and views as one database, with the words of each and of columns.

It follows from the tables, though DuckDB does not promise to repeat its bytes: it can be made again.

Put here: writing it. Keep out: proving it against the tables (``releases``), the views (``warehouse.views``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.messages import say
from pipelines.publish.manifest import DATABASE
from pipelines.registry.columns import column_comment, table_comment
from pipelines.warehouse.manifest import cards
from pipelines.warehouse.parquet import columns_of, quoted, read
from pipelines.warehouse.views import SCHEMA, views_over

_DAYS = "int_periods__days"
"""The time spine of the semantic models, by the name of its dbt model: MetricFlow asks a release for it."""


def write_database(
    connection: duckdb.DuckDBPyConnection, folder: Path, is_demo: bool, path: Path | None = None
) -> None:
    """Write the database of the tables in ``folder`` beside them, or to ``path``."""
    connection.execute(f"attach {quoted(path or folder / DATABASE)} as release")
    # one transaction: each comment in one of its own is three times the work
    connection.execute("begin transaction")
    files = sorted(folder.glob("*.parquet"))
    tables = {file.stem for file in files}
    for file in files:
        table = f"release.{file.stem}"
        connection.execute(f"create table {table} as select * from {read(file)}")
        comment = table_comment(cards()[file.stem].comment, is_demo)
        connection.execute(f"comment on table {table} is {quoted(comment)}")
        for column in columns_of(connection, file):
            words = quoted(column_comment(file.stem, column))
            connection.execute(f'comment on column {table}."{column}" is {words}')
    _write_views(connection, tables, is_demo)
    if "dim_period" in tables:
        _write_days(connection)
    connection.execute("commit")
    connection.execute("checkpoint release")
    connection.execute("detach release")


def _write_views(connection: duckdb.DuckDBPyConnection, tables: Collection[str], is_demo: bool) -> None:
    connection.execute(f"create schema release.{SCHEMA}")
    with _inside(connection, "release"):
        for view in views_over(tables):
            place = f"{SCHEMA}.{view.name}"
            # schema and no catalog: a reader attaches the file under a name of his own
            connection.execute(f"create view {place} as {view.over('main')}")
            connection.execute(f"comment on view {place} is {quoted(table_comment(view.comment, is_demo))}")
            for column, *_ in connection.execute(f"describe {place}").fetchall():
                words = quoted(column_comment(view.name, column))
                connection.execute(f'comment on column {place}."{column}" is {words}')


def _write_days(connection: duckdb.DuckDBPyConnection) -> None:
    with _inside(connection, "release"):
        connection.execute(
            f"create view {_DAYS} as select cast(unnest(generate_series(cast(starts_on as timestamp), "
            "ends_on, interval 1 day)) as date) as date_day from dim_period"
        )
        connection.execute(f"comment on view {_DAYS} is {quoted(say('database.days'))}")


@contextmanager
def _inside(connection: duckdb.DuckDBPyConnection, catalog: str) -> Iterator[None]:
    """Names without a catalog are those of ``catalog``, inside."""
    before = connection.execute("select current_database()").fetchall()[0][0]
    connection.execute(f'use "{catalog}"')
    try:
        yield
    finally:
        connection.execute(f'use "{before}"')
