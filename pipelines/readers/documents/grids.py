"""The cells of a received document as they stand, so that its sender can be shown what was found in them.

No cell is judged or moved: a workbook's sheets keep their rows and columns, line n of a CSV is row n, an
extract is one sheet with its fields as columns. Formulas are gone: a cell is its value.

Put here: bytes to cells. Keep out: rows (``csv``, ``workbook``, ``extract``), how cells are shown.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from pipelines.readers.documents.csv import fields_of, header_of
from pipelines.readers.documents.csv_text import text_of
from pipelines.readers.documents.workbook_xml import WorkbookXml
from pipelines.registry.forms import LISTS, folded, forms
from pipelines.submissions import extract as extract_document
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import COLUMNS, RawFile, Reject

Cell = str | float | bool | date | datetime | None

_VALUE_COLUMNS = frozenset({"target", "realised", "note"})
_CODE_COLUMNS = frozenset(COLUMNS) - _VALUE_COLUMNS
# no notation but the plain one gives these: 1.234 and 007 could be more than a number
_PLAIN_NUMBER = re.compile(r"(?!-?[1-9]\d{0,2}\.\d{3}$)-?(?:0|[1-9]\d*)(?:\.\d+)?")
_MOST_DIGITS = 15
_MOMENT = "spm:moment"


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet, rows and columns counted from 0.

    ``header_row`` is the row of the labels, where it is known. ``percents`` are cells that show 0.98 as 98 %.
    ``places`` gives the row of each place of an extract; elsewhere a place names its line or cell itself.
    """

    name: str
    rows: list[list[Cell]]
    header_row: int | None = None
    percents: frozenset[tuple[int, int]] = frozenset()
    places: Mapping[str, int] = field(default_factory=dict)


def to_json(grids: Iterable[Grid]) -> bytes:
    """Grids as a child process sends them."""
    found = [
        [grid.name, grid.rows, grid.header_row, sorted(grid.percents), [*grid.places.items()]]
        for grid in grids
    ]
    return json.dumps(found, default=_moment_to_json).encode()


def from_json(content: bytes) -> list[Grid]:
    """The grids that ``to_json`` wrote."""
    return [
        Grid(name, rows, header_row, frozenset(map(tuple, percents)), dict(places))
        for name, rows, header_row, percents, places in json.loads(content, object_hook=_moment_from_json)
    ]


def of_workbook(file: RawFile, _: ReadingSpec) -> list[Grid]:
    """The sheets of a workbook that was read before.

    Raises:
        CalamineError, DamagedWorkbook: the bytes are no workbook that can be opened.
    """
    xml = WorkbookXml(file.content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
    grids = []
    shown = {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in book.sheets_metadata}
    for name in book.sheet_names:
        if name == LISTS and not shown[name]:
            continue  # what the drop-downs of a form offer: nothing that somebody sent
        without_value = xml.cells_without_value(name)  # first: it refuses what would end the process below
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        cells = [[_from_calamine(cell) for cell in row] for row in rows]
        for (row, column), text in without_value.items():
            _put(cells, row, column, text)
        percents = frozenset(place for place, is_scaled in xml.percent_cells(name).items() if is_scaled)
        grids.append(Grid(name, cells, _header_row(name, cells), percents))
    return grids


def _from_calamine(cell: Any) -> Cell:
    if cell == "":
        return None
    if isinstance(cell, str | bool | float | date):
        return cell
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def _put(cells: list[list[Cell]], row: int, column: int, text: str) -> None:
    """Write the text for a cell without a value, beyond the cells read if need be."""
    cells += [[] for _ in range(row + 1 - len(cells))]
    cells[row] += [None] * (column + 1 - len(cells[row]))
    if cells[row][column] is None:
        cells[row][column] = text


def _header_row(name: str, cells: Sequence[Sequence[Cell]]) -> int | None:
    """The row with most labels of the form's sheet of that name; none where no form has such a sheet."""
    labels = {
        label
        for version in forms().values()
        for sheet in version.sheets
        if sheet.record != "identity" and folded(sheet.name) == folded(name)
        for label in sheet.labels
    }
    counts = [sum(isinstance(cell, str) and folded(cell) in labels for cell in row) for row in cells[:30]]
    return counts.index(max(counts)) if labels and max(counts, default=0) > 1 else None


def of_csv(file: RawFile, spec: ReadingSpec) -> list[Grid]:
    """The lines of a CSV document, as one sheet."""
    text = text_of(file.content) or ""
    lines = [line.rstrip("\r\n") for line in io.StringIO(text, newline="")]
    found = header_of(lines, spec)
    if isinstance(found, Reject):  # its first line is shown as the header all the same
        header = next((row for row, line in enumerate(lines) if line.strip()), 0)
        delimiter = max(",;\t", key=lines[header].count) if lines else ","
    else:
        header, delimiter = found.line - 1, found.delimiter
    # every line by itself: what a stray quote would swallow stays where its finding says that it is
    rows: list[list[Cell]] = [[*fields_of(line, delimiter)] for line in lines]
    is_code = [_is_code(label, spec) for label in (rows[header] if rows else [])]
    for row in rows[header + 1 :]:
        for column, cell in enumerate(row):
            known_code = column < len(is_code) and is_code[column]
            row[column] = cell if known_code else _number_or_text(cell)
    return [Grid("CSV", rows, header)]


def of_extract(file: RawFile, spec: ReadingSpec) -> list[Grid]:
    """The rows of an extract, as one sheet."""
    records = [extract_document.parsed(line) for line in file.content.decode().split("\n") if line]
    fields = list(dict.fromkeys(name for record in records for name in record))
    is_code = [_is_code(name, spec) for name in fields]
    rows: list[list[Cell]] = [list(fields)]
    for record in records:
        cells = [record.get(name) for name in fields]
        rows.append(
            [
                str(cell) if code and isinstance(cell, str) else _number_or_text(cell)
                for cell, code in zip(cells, is_code, strict=True)
            ]
        )
    reading = extract_document.read(file, spec)
    keys = [] if isinstance(reading, Reject) else reading["row_place"].to_pylist()
    return [Grid("Data", rows, 0, places={key: row for row, key in enumerate(keys, start=1)})]


def _is_code(label: Cell, spec: ReadingSpec) -> bool:
    """Whether a column holds codes and names, whose digits are no number (``64.70``)."""
    theirs = {name.strip().casefold(): ours for name, ours in spec.columns.items()}
    name = str(label).strip().casefold()
    return theirs.get(name, name) in _CODE_COLUMNS or name in {key.strip().casefold() for key in spec.key}


def _number_or_text(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if _PLAIN_NUMBER.fullmatch(text) and sum(map(str.isdigit, text)) <= _MOST_DIGITS:
        return float(text)
    return str(cell) or None


def _moment_to_json(moment: Any) -> dict[str, str]:
    return {_MOMENT: moment.isoformat()}


def _moment_from_json(found: dict[str, Any]) -> Any:
    if (text := found.get(_MOMENT)) is None:
        return found
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
