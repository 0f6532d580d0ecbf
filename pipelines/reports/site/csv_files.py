"""A table of a page as CSV for programs: codes and published values, comma and point, UTF-8.

Put here: rows to bytes. Keep out: which tables have a file (the pages).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from pipelines.publish.open_data.csv_files import FORMULA, NUMBER, is_formula
from pipelines.publish.open_data.tables import DEMO_COLUMN
from pipelines.submissions.demo_mark import marked_title
from pipelines.warehouse.parquet import quoted
from pipelines.warehouse.release_tables import ReleaseTables, Row


def csv_file(columns: Sequence[str], rows: Iterable[Row], *, is_demo: bool) -> bytes:
    """The columns of the rows; each row of made-up data says that it is."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([*columns, DEMO_COLUMN] if is_demo else columns)
    mark = [marked_title()] if is_demo else []
    writer.writerows([*(_cell(row[column]) for column in columns), *mark] for row in rows)
    return written.getvalue().encode("utf-8", "replace")


def csv_files_by(
    tables: ReleaseTables, key: str, query: str, order: str, columns: Sequence[str], *, is_demo: bool
) -> dict[str, bytes]:
    """A file for each value of ``key``, written by the database: for tables of many rows."""
    kinds = {row["column_name"]: row["column_type"] for row in tables.rows(f"describe {query}")}
    cells = [_expression(column, kinds[column]) for column in columns]
    if is_demo:
        cells.append(quoted(marked_title()))
    line = " || ',' || ".join(f"coalesce({cell}, '')" for cell in cells)
    lines = f"string_agg({line}, chr(10) order by {order}) as lines"
    found = tables.rows(f"select {key}, {lines} from ({query}) group by {key}")
    head = ",".join([*columns, DEMO_COLUMN] if is_demo else columns)
    return {row[key]: f"{head}\n{row['lines']}\n".encode("utf-8", "replace") for row in found}


def _expression(column: str, kind: str) -> str:
    text = f'cast("{column}" as varchar)'
    if kind.startswith("DECIMAL"):
        return f"if(contains({text}, '.'), rtrim(rtrim({text}, '0'), '.'), {text})"
    if kind != "VARCHAR":
        return text
    formula = f"regexp_matches({text}, '{FORMULA}') and not regexp_matches({text}, '{NUMBER}')"
    safe = f"if({formula}, chr(39) || {text}, {text})"
    return f"if(regexp_matches({text}, '[\",\\r\\n]'), '\"' || replace({safe}, '\"', '\"\"') || '\"', {safe})"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        # without the zeros that only fill up to the column's decimals
        return text.rstrip("0").rstrip(".") if "." in text else text
    text = str(value)
    return f"'{text}" if is_formula(text) else text
