"""Excel forms: the workbook that a region fills in each quarter, of any version in the registry.

Source: ``registry.forms``. Known quirks: calamine gives every number as a float and drops leading blank rows
unless asked not to; a merged cell holds its value at its top left only; people insert rows and columns.
A number that its cell shows as a percent is read as shown: the 0.98 behind 98 % is ``98%``.

Put here: from sheets to rows, with each value's cell. Keep out: what a form holds (``registry.forms``),
damaged files (``workbook_xml``), what a value means.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from pipelines.messages import say
from pipelines.readers.documents.workbook_xml import DamagedWorkbook, WorkbookXml, column_letters
from pipelines.registry.forms import LISTS, FormSheet, folded, forms
from pipelines.registry.letters import legible
from pipelines.submissions.columns import said_missing, unread_columns
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import COLUMNS, ROW_SCHEMA, RawFile, Reading, Reject, Unread, with_unread
from pipelines.submissions.rows import IDENTITY as IDENTITY_KEY

IDENTITY = "Identitas"
_SENDER = {"region": "region", "region_name": "region_name", "form_id": "form_number"}
ROWS_AROUND_HEADER = 5
SHEET_NOT_READ = "DOC-022"
LINK_NOT_FOLLOWED = "DOC-023"
Grid = list[list[Any]]

_ROWS_SEARCHED = 30
_LEAST_LABELS = 4
_FILLED_DOWN = ("record", "sector", "service", "component", "item", "unit")
_VALUE_RECORDS = frozenset({"achievement", "budget", "stage"})
_WEB = ("http", "https", "ftp")
_TOTALS = re.compile(r"(?:sub[\s-]*|grand\s*)?(?:jumlah|total)\b:?", re.IGNORECASE)


class _Unreadable(Exception):
    """Carries a Reject out of the depths; never leaves this module."""

    def __init__(self, rule_id: str, place: str, value: str, region: str = "", period: str = "") -> None:
        super().__init__(value)
        self.reject = Reject(rule_id, place, value, region, period)


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a sheet's table stands: the column (from 0) of each field, and its first row (from 0).

    ``unknown`` are the labels in its header that no field of the form has, by column.
    """

    positions: Mapping[str, int]
    first_row: int
    unknown: Mapping[int, str]


def read(file: RawFile, spec: ReadingSpec) -> Reading:
    """Read one workbook: every row of its registered sheets, or the first reason why there are none."""
    try:
        return _read(file, spec)
    except _Unreadable as unreadable:
        return unreadable.reject
    except DamagedWorkbook as error:
        return Reject("DOC-001", "", str(error))
    except CalamineError as error:
        return Reject("DOC-001", "", f".xlsx ({error})")


def _read(file: RawFile, spec: ReadingSpec) -> pa.Table:
    xml = WorkbookXml(file.content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
    names = {folded(name): name for name in book.sheet_names}
    page = _present(names, IDENTITY)
    identity, cells, sheets = _identity(sheet_grid(book, xml, page)[1])
    said = {
        ours: [identity[field], f"{page}!{cells[field]}"]
        for field, ours in _SENDER.items()
        if identity.get(field)
    }
    try:
        rows, unread = _read_sheets(book, xml, names, identity, sheets, spec)
    except _Unreadable as unreadable:
        # its sender is known by now, and is told
        whose = {name: identity.get(name, "") for name in ("region", "period")}
        unreadable.reject = replace(unreadable.reject, **whose)
        raise
    return with_unread(rows.replace_schema_metadata({IDENTITY_KEY: json.dumps(said)}), unread)


def _read_sheets(
    book: CalamineWorkbook,
    xml: WorkbookXml,
    names: Mapping[str, str],
    identity: Mapping[str, str],
    sheets: Sequence[FormSheet],
    spec: ReadingSpec,
) -> tuple[pa.Table, list[Unread]]:
    """The rows of the sheets, and what of the workbook is not read."""
    columns: dict[str, list[Any]] = {name: [] for name in ROW_SCHEMA.names}
    unread: list[Unread] = []
    for layout in sheets:
        name = _present(names, layout.name)
        sheet, grid = sheet_grid(book, xml, name)
        unread += _append(columns, name, sheet, grid, layout, spec)
        unread += _unfollowed(name, xml)
    read_names = {folded(name) for name in (IDENTITY, *(layout.name for layout in sheets))}
    unread += _unread_sheets(book, xml, [name for key, name in names.items() if key not in read_names])
    count = len(columns["record"])
    if not count:
        raise _Unreadable("DOC-005", f"{sheets[0].name}!A{sheets[0].header_row + 1}", "")
    for field in ("region", "period", "submitted_at"):
        columns[field] = [identity.get(field) or None] * count
    for field, mapped in spec.values.items():
        columns[field] = [mapped.get(text, text) for text in columns[field]]
    columns["reject_rule"] = columns["reject_text"] = [None] * count
    return pa.table(columns, schema=ROW_SCHEMA), unread


def _unread_sheets(book: CalamineWorkbook, xml: WorkbookXml, names: Sequence[str]) -> list[Unread]:
    """The sheets that the form does not have: those with a table of it are a finding (DOC-022)."""
    unread = []
    for name in names:
        try:
            xml.cells_without_value(name)  # first: it refuses what would end the process below
            grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except (DamagedWorkbook, CalamineError):
            unread.append(Unread("", name, name))
            continue
        filled = [at for at, row in enumerate(grid) if any(cell != "" for cell in row)]
        header = next((at for at in filled[:_ROWS_SEARCHED] if _is_header(grid[at])), None)
        below = [at for at in filled if header is not None and at > header]
        if header is not None and below:
            value = f"{name} ({len(below)} {say('reading.rows')})"
            unread.append(Unread(SHEET_NOT_READ, f"{name}!A{header + 1}", value))
        elif filled and folded(name) != folded(LISTS):
            unread.append(Unread("", name, name))
    return unread


def _unfollowed(name: str, xml: WorkbookXml) -> list[Unread]:
    """What a sheet links to: files, which are a finding each, and pages of the web, which are counted."""
    files, pages = [], 0
    for cell, target in xml.links(name):
        scheme = target.partition(":")[0].strip().lower()
        if scheme in _WEB:
            pages += 1
        elif scheme != "mailto":
            files.append(Unread(LINK_NOT_FOLLOWED, f"{name}!{cell}", target))
    counted = Unread("", name, f"{name} ({pages} {say('reading.links')})")
    return [*files, *([counted] if pages else [])]


def _is_header(row: Sequence[Any]) -> bool:
    """Whether a row labels a table of some form, as far as most of its labels go."""
    labels = {folded(cell) for cell in row if isinstance(cell, str) and cell}
    return any(len(labels & known) >= min(_LEAST_LABELS, len(known)) for known in _table_labels())


@lru_cache
def _table_labels() -> tuple[frozenset[str], ...]:
    """The labels of each table of each form."""
    return tuple(
        frozenset(sheet.labels)
        for version in forms().values()
        for sheet in version.sheets
        if sheet.record != "identity"
    )


def _present(names: Mapping[str, str], wanted: str) -> str:
    """The sheet's name as this workbook spells it."""
    if folded(wanted) not in names:
        raise _Unreadable("DOC-004", wanted, wanted)
    return names[folded(wanted)]


def sheet_grid(book: CalamineWorkbook, xml: WorkbookXml, name: str) -> tuple[CalamineSheet, Grid]:
    """The sheet's cells from A1 on: uncomputed formulas and errors as texts, percents as they are shown."""
    patches = xml.cells_without_value(name)
    sheet = book.get_sheet_by_name(name)
    grid = sheet.to_python(skip_empty_area=False)
    if patches:
        height = max(row for row, _ in patches) + 1
        width = max(len(grid[0]) if grid else 0, max(column for _, column in patches) + 1)
        grid = [row + [""] * (width - len(row)) for row in grid]
        grid += [[""] * width for _ in range(height - len(grid))]
        for (row, column), text in patches.items():
            if grid[row][column] == "":
                grid[row][column] = text
    for (row, column), is_scaled in xml.percent_cells(name).items():
        value = grid[row][column] if row < len(grid) and column < len(grid[row]) else None
        if type(value) is float:
            grid[row][column] = ShownPercent(value, is_scaled)
    return sheet, grid


def _identity(grid: Grid) -> tuple[dict[str, str], dict[str, str], tuple[FormSheet, ...]]:
    """Whose form it is, the cells that say so, and the sheets that a form of its version holds beside."""
    labels = _identity_labels()
    found: dict[str, str] = {}
    cells: dict[str, str] = {}
    for number, row in enumerate(grid, start=1):
        for column, cell in enumerate(row):
            field = labels.get(folded(cell)) if isinstance(cell, str) and cell else None
            if field and field not in found:
                texts = enumerate(map(cell_text, row[column + 1 :]), start=column + 1)
                at, right = next(((at, text) for at, text in texts if text), (column + 1, ""))
                found[field] = "" if folded(right) in labels else right
                cells[field] = f"{column_letters(at)}{number}"
    version = found.get("form_version", "").casefold()
    # a code that lost its zero as a number (64.7) is ambiguous and stays as it is: the rows say so later
    if not found.get("region"):
        found["region"] = found.get("region_name", "")
        cells["region"] = cells.get("region_name", "")
    if version not in forms():
        value = f"{version or '-'} ({say('reading.known')}: {', '.join(forms())})"
        raise _Unreadable("DOC-003", IDENTITY, value, found["region"], found.get("period", ""))
    return found, cells, tuple(sheet for sheet in forms()[version].sheets if sheet.record != "identity")


@lru_cache
def _identity_labels() -> dict[str, str]:
    """The field of each label of an identity sheet, of any version: which one it is stands on that sheet."""
    sheets = [sheet for version in forms().values() for sheet in version.sheets]
    return {
        label: field
        for sheet in sheets
        if sheet.record == "identity"
        for label, field in sheet.labels.items()
    }


def _append(
    columns: dict[str, list[Any]],
    name: str,
    sheet: CalamineSheet,
    grid: Grid,
    layout: FormSheet,
    spec: ReadingSpec,
) -> list[Unread]:
    """Append the rows of one sheet to ``columns``, all but ``region``, ``period`` and the reject columns.

    Returns the columns of the sheet that are not read.
    """
    merged = sheet.merged_cell_ranges or []
    table = _locate(name, grid, merged, layout, spec)
    rows = grid[table.first_row :]
    _fill_merged_down(rows, merged, table)
    stacked = list(zip(*rows, strict=True)) or [()] * (max(table.positions.values()) + 1)
    codes = {column.field: column.codes for column in layout.columns}
    texts = {field: _texts(stacked[at], codes[field]) for field, at in table.positions.items()}
    if "item_name" in texts:
        pairs = zip(texts.get("item", [""] * len(rows)), texts["item_name"], strict=True)
        texts["item"] = [code or words for code, words in pairs]
    kept = _kept(rows, texts, layout.record)
    for field in COLUMNS:
        if field in texts and field != "submitted_at":
            columns[field] += [texts[field][index] for index in kept]
        elif field not in ("region", "period", "submitted_at"):
            fixed = {"record": layout.record, "sector": layout.sector}.get(field)
            columns[field] += [fixed] * len(kept)
    numbers = [table.first_row + index + 1 for index in kept]
    columns["row_place"] += [f"{name}!A{number}" for number in numbers]
    for field in ("target", "realised"):
        at = table.positions.get(field)
        letters = column_letters(at) if at is not None else ""
        columns[f"{field}_place"] += [f"{name}!{letters}{number}" if letters else None for number in numbers]
        columns[f"{field}_is_number"] += [at is not None and is_number(stacked[at][index]) for index in kept]
    place = f"{name}!A{table.first_row}"
    return unread_columns(table.positions, [*table.unknown.values()], place, spec, layout.fields)


def _locate(name: str, grid: Grid, merged: Sequence[Any], layout: FormSheet, spec: ReadingSpec) -> _Table:
    """Find the labels within five rows of where the registry has them, on one row or split over two."""
    wide = {start: end[1] for start, end in merged if end[1] > start[1]}
    first = max(0, layout.header_row - 1 - ROWS_AROUND_HEADER)
    best: dict[str, list[tuple[int, int]]] = {}
    best_count = (0, 0)
    last = min(len(grid), layout.header_row + ROWS_AROUND_HEADER)
    labelled = (_labelled(grid, row, layout.labels) for row in range(first, last + 1))
    for row, (above, lower) in enumerate(pairwise(labelled), first):
        # a heading over several columns names the group; the same word below it names the column
        upper = {
            field: [
                at
                for at in columns
                if not any(at <= below <= wide.get((row, at), -1) for below in lower.get(field, ()))
            ]
            for field, columns in above.items()
        }
        found = {field: [(row, at) for at in columns] for field, columns in upper.items() if columns}
        count = len(found)
        found |= {field: [(row + 1, at) for at in lower[field]] for field in lower.keys() - found.keys()}
        if (len(found), count) > best_count:
            best, best_count = found, (len(found), count)
        if count == len(layout.fields):  # every label on one row: no other has more
            break
    place = f"{name}!A{layout.header_row}"
    if missing := layout.required - best.keys():
        labels = [label for label, field in layout.labels.items() if field in missing]
        unknown = _unknown(grid, best, layout)
        raise _Unreadable("DOC-002", place, said_missing(labels, [*unknown.values()], spec))
    for label, field in layout.labels.items():
        if field in layout.required and len(best[field]) > 1:
            cells = ", ".join(f"{column_letters(at)}{row + 1}" for row, at in best[field])
            raise _Unreadable("DOC-002", place, f"{label} ({say('reading.more_than_one')}: {cells})")
    rows = [row for places in best.values() for row, _ in places[:1]]
    positions = {field: places[0][1] for field, places in best.items()}
    return _Table(positions, max(rows) + 1, _unknown(grid, best, layout))


def _unknown(grid: Grid, best: Mapping[str, Sequence[tuple[int, int]]], layout: FormSheet) -> dict[int, str]:
    """The labels of a header that are none of the form's, by column; a heading above others is none."""
    if not best:
        return {}
    row = max(row for places in best.values() for row, _ in places[:1])
    taken = {at for places in best.values() for _, at in places}
    return {
        at: legible(cell)
        for at, cell in enumerate(grid[row])
        if at not in taken and isinstance(cell, str) and legible(cell) and folded(cell) not in layout.labels
    }


def _labelled(grid: Grid, row: int, labels: Mapping[str, str]) -> dict[str, list[int]]:
    """The columns (from 0) that a row labels, by field."""
    found: dict[str, list[int]] = {}
    for column, cell in enumerate(grid[row] if row < len(grid) else ()):
        field = labels.get(folded(cell)) if isinstance(cell, str) and cell else None
        if field:
            found.setdefault(field, []).append(column)
    return found


def _fill_merged_down(rows: Grid, merged: Sequence[Any], table: _Table) -> None:
    """Give every row of a merged cell the text of its top, in columns that say what a row is about."""
    filled = {table.positions[field] for field in _FILLED_DOWN if field in table.positions}
    for (top, column), (bottom, _) in merged:
        top, bottom = top - table.first_row, min(bottom - table.first_row, len(rows) - 1)  # noqa: PLW2901
        if column in filled and 0 <= top < bottom:
            for index in range(top + 1, bottom + 1):
                rows[index][column] = rows[top][column]


def _texts(cells: Sequence[Any], codes: Mapping[str, str]) -> list[str]:
    texts = [legible(cell) if type(cell) is str else cell_text(cell) for cell in cells]
    return [codes.get(folded(text), text) for text in texts] if codes else texts


def _kept(rows: Grid, texts: Mapping[str, list[str]], record: str) -> list[int]:
    """Indexes of the rows that are rows: neither blank where it matters, nor a total."""
    telling = ["service", "component", "item", "target", "realised"]
    if record not in _VALUE_RECORDS:
        telling.append("note")
    columns = [texts[field] for field in telling if field in texts]
    kept = [index for index, cells in enumerate(zip(*columns, strict=True)) if any(cells)]
    if record not in _VALUE_RECORDS:
        return kept
    nothing = [""] * len(rows)
    components, items = texts.get("component", nothing), texts.get("item", nothing)
    return [index for index in kept if not _is_total(rows[index], components[index], items[index])]


def _is_total(row: list[Any], component: str, item: str) -> bool:
    first = next((cell.strip() for cell in row if type(cell) is str and cell.strip()), "")
    found = _TOTALS.match(first)
    # "Jumlah dan kualitas barang" is an item of the catalogue: a row with a component, or with more than
    # the bare word where the item stands, is a row
    return found is not None and component in ("", first) and (item != first or found.end() == len(first))


def is_number(cell: Any) -> bool:
    """Whether a cell holds a number and no text: it has no notation to be decided."""
    return isinstance(cell, ShownPercent) or type(cell) is float


class ShownPercent(str):
    """What a cell with a number shows as a percent: ``98.5%``, for 0.985 or for 98.5 with a % behind it."""

    __slots__ = ()

    def __new__(cls, value: float, is_scaled: bool) -> ShownPercent:
        shown = Decimal(f"{value:.15g}").scaleb(2 if is_scaled else 0)
        return super().__new__(cls, f"{number_text(float(shown))}%")


def cell_text(cell: Any) -> str:
    """A cell's value as text: texts trimmed, numbers plain, dates ISO 8601, booleans as Excel writes them."""
    if isinstance(cell, str):
        return legible(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        return number_text(float(cell))
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def number_text(value: float) -> str:
    """A number in plain notation with at most 15 significant digits, all that Excel keeps."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.15g}"
    return f"{Decimal(text):f}" if "e" in text else text
