"""``spm.duckdb`` of a release: its tables as one database, with the words of tables and columns.

It follows from the tables, though DuckDB does not promise to repeat its bytes: it can be made again.

Put here: writing it. Keep out: proving it against the tables (``releases``).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.publish.manifest import DATABASE
from pipelines.registry.columns import column_comment, table_comment
from pipelines.warehouse.manifest import cards
from pipelines.warehouse.parquet import columns_of, quoted, read


def write_database(
    connection: duckdb.DuckDBPyConnection, folder: Path, is_demo: bool, path: Path | None = None
) -> None:
    """Write the database of the tables in ``folder`` beside them, or to ``path``."""
    connection.execute(f"attach {quoted(path or folder / DATABASE)} as release")
    # one transaction: each comment in one of its own is three times the work
    connection.execute("begin transaction")
    for file in sorted(folder.glob("*.parquet")):
        table = f"release.{file.stem}"
        connection.execute(f"create table {table} as select * from {read(file)}")
        comment = table_comment(cards()[file.stem].comment, is_demo)
        connection.execute(f"comment on table {table} is {quoted(comment)}")
        for column in columns_of(connection, file):
            words = quoted(column_comment(file.stem, column))
            connection.execute(f'comment on column {table}."{column}" is {words}')
    connection.execute("commit")
    connection.execute("checkpoint release")
    connection.execute("detach release")
