"""Each table as CSV, twice: for programs, and for spreadsheets in an Indonesian setting.

For programs: ``,`` between cells, ``.`` before decimals, times in UTC as ISO 8601. For spreadsheets: ``;``
and decimal ``,``, with the mark (BOM) by which Excel knows UTF-8. A text that a spreadsheet would take for a
formula stands behind an apostrophe in both; in the second so does one that it would take for another number
or a date (the code 64.71 would be read as 6471). A number is never touched: -1234 stays one.

Put here: the two dialects. Keep out: which tables (``choice``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.publish.open_data.tables import Column, PublicTable
from pipelines.warehouse.parquet import quoted

BOM = "\ufeff"
# white space before the sign does not disarm it; the wide signs are read as the narrow ones
FORMULA = r"^\s*[=+\-@＝＋－＠]|^[\t\r]"
NUMBER = r"^-?[0-9]+([.,][0-9]+)?$"
_PLAIN_WHOLE = r"^-?(0|[1-9][0-9]{0,14})$"
_LIKE_A_NUMBER = r"^\s*[-+]?[.,]?[0-9][0-9.,:/ eE+-]*%?\s*$"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are parted and numbers and times written; ``time`` is for strftime, in UTC."""

    folder: str
    delimiter: str
    decimal: str
    time: str
    for_spreadsheets: bool

    def file(self, table: str) -> str:
        """Where a table stands in the folder of the export."""
        return f"{self.folder}/{table}.csv"


FOR_PROGRAMS = Dialect("csv", ",", ".", "%Y-%m-%dT%H:%M:%SZ", for_spreadsheets=False)
FOR_SPREADSHEETS = Dialect("csv-titik-koma", ";", ",", "%Y-%m-%d %H:%M:%S", for_spreadsheets=True)
DIALECTS = (FOR_PROGRAMS, FOR_SPREADSHEETS)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula."""
    return bool(re.search(FORMULA, text)) and not re.search(NUMBER, text)


def write_csv(
    connection: duckdb.DuckDBPyConnection, table: PublicTable, dialect: Dialect, path: Path
) -> None:
    """Write a table in the order of its file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [f'{_cell(column, dialect)} as "{column.name}"' for column in table.columns]
    if dialect.for_spreadsheets:  # the first thing in the file, hence before the first name
        cells[0] = f'{_cell(table.columns[0], dialect)} as "{BOM}{table.columns[0].name}"'
    connection.execute(
        f"copy (select {', '.join(cells)} from ({table.query})) to {quoted(path)}"
        f" (format csv, header, delimiter {quoted(dialect.delimiter)}, nullstr '')"
    )


def _cell(column: Column, dialect: Dialect) -> str:
    name = f'"{column.name}"'
    if column.is_decimal:
        # without the zeros that only fill up to the column's decimals
        text = f"cast({name} as varchar)"
        short = f"if(contains({text}, '.'), rtrim(rtrim({text}, '0'), '.'), {text})"
        return f"replace({short}, '.', {quoted(dialect.decimal)})"
    if column.kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({name} at time zone 'UTC', {quoted(dialect.time)})"
    if column.kind == "VARCHAR":
        return f"if({_is_misread(name, column, dialect)}, '''' || {name}, {name})"
    return name


def _is_misread(name: str, column: Column, dialect: Dialect) -> str:
    formula = f"regexp_matches({name}, '{FORMULA}') and not regexp_matches({name}, '{NUMBER}')"
    if not dialect.for_spreadsheets:
        return formula
    other = f"regexp_matches({name}, '{_LIKE_A_NUMBER}')"
    if column.words.get("unit") != "code":  # all codes of a column alike: 64 as 64.71
        other += f" and not regexp_matches({name}, '{_PLAIN_WHOLE}')"
    return f"({formula}) or ({other})"
