"""A document by its layout: rows of our shape, or why there are none; and what each of its lines became.

Put here: every table of every sheet, put together. Keep out: finding tables (``tables``), reshaping one
(``reshape``).
"""

from __future__ import annotations

import glob
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.messages import say
from pipelines.readers.layouts.cells import Sheet
from pipelines.readers.layouts.reshape import query_of
from pipelines.readers.layouts.sql import MALFORMED, ROW, macros
from pipelines.readers.layouts.tables import Table, Unfit, tables_of
from pipelines.registry.nothing_words import means_zero, says_nothing
from pipelines.registry.seeds import read_seed
from pipelines.submissions.columns import named_regions
from pipelines.submissions.layout import Layout
from pipelines.submissions.patterns import pattern
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import COLUMNS, REGION_NAME, ROW_SCHEMA, RawFile, Reading, Reject

Cells = Callable[[RawFile, ReadingSpec], list[Sheet] | Reject]
UNFIT_ROW, DIFFERS, WRONG_FIELDS = "LAY-002", "LAY-003", "ROW-001"


@dataclass(slots=True)
class Line:
    """A line of the document and what it became: ``why`` it became no row, or the rows, each with its cells.

    A row is column of ours to text and place (``L2:E``, ``Sheet!E7+F7``; empty: a constant).
    """

    place: str
    why: str
    rows: list[dict[str, tuple[str, str]]] = field(default_factory=list)


@dataclass(slots=True)
class _Read:
    """Rows as lists by column of ``ROW_SCHEMA``, and the lines they are from."""

    columns: dict[str, list[Any]]
    lines: list[Line]
    accepted: int = 0


def read(file: RawFile, spec: ReadingSpec, cells: Cells) -> Reading:
    """The rows of a document by the layout of ``spec``."""
    found = _read(file, spec, cells)
    return found if isinstance(found, Reject) else pa.table(found.columns, schema=ROW_SCHEMA)


def lines(file: RawFile, spec: ReadingSpec, cells: Cells) -> list[Line] | Reject:
    """What each line of a document became, by the layout of ``spec``."""
    found = _read(file, spec, cells)
    return found if isinstance(found, Reject) else found.lines


def to_json(found: list[Line]) -> bytes:
    """Lines as a child process sends them."""
    return json.dumps([[line.place, line.why, line.rows] for line in found]).encode()


def from_json(content: bytes) -> list[Line]:
    """The lines that ``to_json`` wrote."""
    return [
        Line(place, why, [{name: (text, at) for name, (text, at) in row.items()} for row in rows])
        for place, why, rows in json.loads(content)
    ]


def _read(file: RawFile, spec: ReadingSpec, cells: Cells) -> _Read | Reject:
    layout = spec.layout
    assert layout is not None
    sheets = cells(file, spec)
    if isinstance(sheets, Reject):
        return sheets
    found = _Read({name: [] for name in ROW_SCHEMA.names}, [])
    try:
        chosen = _chosen(sheets, layout)
        with duckdb.connect(config={"threads": 1}) as connection:
            for sheet in chosen:
                tables = tables_of(sheet, layout)
                _above(found, sheet, tables[0].header.start)
                for table in tables:
                    _table(found, connection, table, file, spec)
    except Unfit as unfit:
        return unfit.reject
    if not found.accepted and not found.columns["record"]:
        return Reject("DOC-005", found.lines[-1].place if found.lines else "", "")
    return found


def _chosen(sheets: list[Sheet], layout: Layout) -> list[Sheet]:
    """The sheets that the layout names, a pattern may name several; without a name the one that there is."""
    written = [sheet for sheet in sheets if any(any(row.texts) for row in sheet.rows)]
    names = ", ".join(repr(sheet.name) for sheet in sheets)
    if not layout.sheet:
        if len(written) > 1:
            raise Unfit("", say("layout.which_sheet", names=names))
        return written or sheets[:1]
    for wanted in layout.sheet:
        if not any(pattern(wanted).match(sheet.name) is not None for sheet in sheets):
            raise Unfit(wanted, f"{wanted} ({names})", "DOC-004")
    return [
        sheet for sheet in sheets if any(pattern(text).match(sheet.name) is not None for text in layout.sheet)
    ]


def _above(found: _Read, sheet: Sheet, header: int) -> None:
    found.lines += [
        Line(f"{sheet.before_row}{row.key}", say("layout.fate_above"))
        for row in sheet.rows[:header]
        if any(row.texts)
    ]


def _table(
    found: _Read, connection: duckdb.DuckDBPyConnection, table: Table, file: RawFile, spec: ReadingSpec
) -> None:
    layout = spec.layout
    assert layout is not None
    sheet = table.sheet
    query = query_of(table, layout, spec.columns, _units(), Path(file.name).name)
    _load(connection, table)
    connection.execute(macros(layout, *_words_for_nothing(table)))
    for at in table.header:
        found.lines.append(Line(f"{sheet.before_row}{sheet.rows[at].key}", say("layout.fate_header")))
    by_row: dict[int, Line] = {}
    for at, fate in connection.execute(query.fates).fetchall():
        by_row[at] = Line(f"{sheet.before_row}{sheet.rows[at].key}", _why(fate, layout))
    whose: dict[str, str] = {}
    told: set[tuple[str, str]] = set()
    result = connection.execute(query.rows)
    names = [column[0] for column in result.description or ()]
    for values in result.fetchall():
        row = dict(zip(names, values, strict=True))
        texts = {name: _text(row[name], spec.values.get(name, {})) for name in COLUMNS}
        texts["region"] = named_regions([texts["region"]], [_text(row[REGION_NAME], {})])[0]
        line = by_row[row["r"]]
        if row["fate"] == MALFORMED:
            _reject(found, WRONG_FIELDS, row["row_place"], row["malformed"], whose)
            continue
        if row["problem"]:
            text = _said(row["problem"])
            _reject(found, UNFIT_ROW, row["row_place"], text, texts)
            line.why = f"{UNFIT_ROW}: {text}"
            continue
        whose = {
            name: text for name, text in texts.items() if text and name in ("region", "period", "sector")
        }
        _append(found, row, texts)
        line.rows.append({name: (text, row[name]["place"] or "") for name, text in texts.items() if text})
        for doubt in row["doubts"]:
            if (key := (doubt["place"], doubt["text"])) not in told:
                told.add(key)
                _reject(found, DIFFERS, doubt["place"] or row["row_place"], _said(doubt), texts)
                line.why = f"{DIFFERS}: {_said(doubt)}"
    if query.totals:
        for at, place, text in connection.execute(query.totals).fetchall():
            said = say("layout.total_differs", text=text)
            _reject(found, DIFFERS, place, said, whose)
            by_row[at].why = f"{by_row[at].why}; {DIFFERS}: {said}"
    for line in by_row.values():
        if not line.rows:
            line.why = line.why or say("layout.fate_no_value")
        found.lines.append(line)
    connection.execute("drop table cells")


def _words_for_nothing(table: Table) -> tuple[list[str], list[str]]:
    """The texts of a table that say that there is nothing, and those that mean 0."""
    rows = table.sheet.rows[table.header.stop : table.last]
    found = sorted({text for row in rows for text in row.texts if text and not text[-1].isdigit()})
    words = [text for text in found if says_nothing(text)]
    return [text for text in words if not means_zero(text)], [text for text in words if means_zero(text)]


def _load(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    rows = list(enumerate(table.sheet.rows))[table.header.stop : table.last]
    columns: dict[str, pa.Array] = {
        "r": pa.array([at for at, _ in rows], pa.int64()),
        "key": pa.array([row.key for _, row in rows], pa.string()),
        "malformed": pa.array([row.malformed for _, row in rows], pa.string()),
    }
    for at in table.used:
        columns[f"t{at}"] = pa.array(
            [row.texts[at] if at < len(row.texts) else "" for _, row in rows], pa.string()
        )
        columns[f"n{at}"] = pa.array(
            [at < len(row.texts) and row.are_numbers[at] for _, row in rows], pa.bool_()
        )
    # DuckDB would import pandas for a table of Arrow, which costs a second
    with tempfile.NamedTemporaryFile(suffix=".parquet") as kept:
        pq.write_table(pa.table(columns), kept.name)
        connection.execute("create table cells as from read_parquet($1)", [[glob.escape(kept.name)]])


def _append(found: _Read, row: dict[str, Any], texts: dict[str, str | None]) -> None:
    columns = found.columns
    for name in COLUMNS:
        columns[name].append(texts[name])
    for name in ("target", "realised"):
        columns[f"{name}_is_number"].append(bool(row[name] and row[name]["is_number"]))
        columns[f"{name}_place"].append((row[name] and row[name]["place"]) or row[f"{name}_at"])
    columns["row_place"].append(row["row_place"])
    columns["reject_rule"].append(None)
    columns["reject_text"].append(None)
    found.accepted += 1


def _reject(found: _Read, rule_id: str, place: str, text: str, texts: dict[str, Any]) -> None:
    """A row that is held back: where, why, and whose, as far as that is known."""
    columns = found.columns
    for name in COLUMNS:
        columns[name].append(texts.get(name))
    for name in ("target", "realised"):
        columns[f"{name}_is_number"].append(False)
        columns[f"{name}_place"].append(place)
    columns["row_place"].append(place)
    columns["reject_rule"].append(rule_id)
    columns["reject_text"].append(text)


def _text(cell: dict[str, Any] | None, mapped: dict[str, str]) -> str | None:
    text = cell["text"] if cell else None
    return text and mapped.get(text, text)


def _said(found: dict[str, str]) -> str:
    return say(found["code"], place=found["place"], text=found["text"])


_NO_ROW = {
    "blank": "layout.fate_blank",
    "ends": "layout.fate_ends",
    "heading": "layout.fate_heading",
    "keep": "layout.fate_keep",
    "leave_out": "layout.fate_leave_out",
    "malformed": "layout.fate_malformed",
    "numbers": "layout.fate_numbers",
    "total": "layout.fate_total",
}
"""The message for each thing that a line is instead of a row."""


def _why(fate: str, layout: Layout) -> str:
    """Why a line became no row; empty where it became one."""
    kind, _, name = fate.partition(" ")
    if kind == ROW:
        return ""
    if kind == "leave_out":
        condition = layout.leave_out[int(name) - 1]
        name = "; ".join(f"{column}: {', '.join(map(repr, texts))}" for column, texts in condition.items())
    return say(_NO_ROW[kind], name=name)


@cache
def _units() -> dict[str, str]:
    """Every unit of the registry in small letters, and its kind."""
    return {row["unit"].casefold(): row["kind"] for row in read_seed("units")}
