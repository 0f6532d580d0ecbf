"""Parquet files with one right content: rows in a total order, the same bytes whatever the threads.

Put here: writing table files. Keep out: which tables, and when (``candidate``, ``release``).
"""

from __future__ import annotations

import base64
import glob
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.registry.columns import COLUMN_WORDS

ROW_GROUP_SIZE = 122_880
_ARROW = {
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DATE": pa.date32(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", tz="UTC"),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def connect(threads: int, memory_limit: str, spill: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory, with set bounds, in UTC."""
    return duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": memory_limit,
            "temp_directory": str(spill),
            "preserve_insertion_order": True,
            "default_null_order": "nulls_last",
        }
    )


def write_table(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    columns: Sequence[str],
    path: Path,
    words: Mapping[str, str] | None = None,
) -> int:
    """Write the rows of ``query`` (with just ``columns``) ordered by period, then by every column.

    ``words`` are what the file says of itself: its key-value metadata. Those of its columns stand in the
    metadata of each field, too, where Arrow has them. Returns the number of rows.
    """
    words = dict(words or {})
    if COLUMN_WORDS in words:
        words["ARROW:schema"] = _arrow_schema(connection, query, columns, words)
    order = sorted(columns, key=lambda name: name != "period")
    listed = ", ".join(f'"{name}"' for name in columns)
    ordered = ", ".join(f'"{name}" nulls last' for name in order)
    written = connection.execute(
        f"copy (select {listed} from ({query}) as t order by {ordered}) to {quoted(path)}"
        f" (format parquet, compression zstd, row_group_size {ROW_GROUP_SIZE}{_metadata(words)})"
    ).fetchall()
    return int(written[0][0])


def _metadata(words: Mapping[str, str]) -> str:
    said = ", ".join(f"{quoted(name)}: {quoted(text)}" for name, text in sorted(words.items()))
    return f", kv_metadata {{{said}}}" if said else ""


def _arrow_schema(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    columns: Sequence[str],
    words: Mapping[str, str],
) -> str:
    """The schema as Arrow keeps it in a Parquet file, with the words of each column at its field.

    Types are those that a reader sees without it. Readers by Arrow take what the file says of itself from
    here alone, so it stands here again.
    """
    kinds = {name: kind for name, kind, *_ in connection.execute(f"describe {query}").fetchall()}
    of_columns = json.loads(words[COLUMN_WORDS])
    fields = [pa.field(name, _arrow_type(kinds[name]), metadata=of_columns[name]) for name in columns]
    schema = pa.schema(fields, metadata=dict(sorted(words.items())))
    return base64.b64encode(schema.serialize().to_pybytes()).decode()


def _arrow_type(kind: str) -> pa.DataType:
    if found := _DECIMAL.fullmatch(kind):
        return pa.decimal128(int(found[1]), int(found[2]))
    return _ARROW[kind]


def says_demo(folder: Path) -> bool:
    """Whether the table files in a folder (a release, a what-if, an as-of) say that they are made up."""
    files = sorted(folder.glob("*.parquet"))
    return any(b"spm.demo" in (pq.read_metadata(path).metadata or {}) for path in files[:1])


def read(path: Path) -> str:
    """The SQL that reads a table file."""
    return read_all([as_pattern(path)])


def read_all(patterns: Sequence[str]) -> str:
    """The SQL that reads the rows of files together; a folder named ``period=2024`` adds no column."""
    return f"read_parquet([{', '.join(map(quoted, patterns))}], hive_partitioning = false)"


def as_pattern(path: Path) -> str:
    """The pattern that means just this file, as ``read_parquet`` takes it: a folder may be named ``[x]``."""
    return glob.escape(str(path))


def columns_of(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """The columns of a table file with their types, in its order."""
    return {name: kind for name, kind, *_ in connection.execute(f"describe from {read(path)}").fetchall()}


def have_same_rows(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> bool:
    """Whether two queries of the same columns give the same rows, each as often.

    Each is read once, in a quarter of the time of ``except all`` both ways.
    """
    both = f"select whole, 1 as side from ({one}) as whole union all select whole, -1 from ({other}) as whole"
    differing = f"select 1 from ({both}) group by whole having sum(side) <> 0 limit 1"
    return not connection.execute(differing).fetchall()


def quoted(text: object) -> str:
    """A text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"
