"""The cells of a document, each with its text, and how a place in it is written.

Put here: CSV, workbook and extract as one grid of texts. Keep out: which rows are what (``tables``).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from python_calamine import CalamineError, CalamineWorkbook

from pipelines.readers.documents import csv
from pipelines.readers.documents.workbook import cell_text, is_number, sheet_grid
from pipelines.readers.documents.workbook_xml import DamagedWorkbook, WorkbookXml, column_letters
from pipelines.registry.letters import legible
from pipelines.submissions import extract
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its name in places (``7``, ``L7``, a key), its cells' texts, which of them were numbers there.

    ``malformed`` is the line as it stands where it cannot be parted into fields.
    """

    key: str
    texts: list[str]
    are_numbers: list[bool]
    malformed: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its rows from the first one on.

    ``merged`` gives the top left cell, row and column from 0, of each other cell of a merged range.
    ``fields`` are the names of columns that have names of their own (an extract). ``is_text``: its rows are
    lines.
    """

    name: str
    rows: list[Row]
    merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    is_text: bool = False

    @property
    def width(self) -> int:
        """Columns of the widest row."""
        return max((len(row.texts) for row in self.rows), default=0)

    def around(self, column: int) -> tuple[str, str]:
        """What stands before and after a row's name in the place of its cell in ``column``, from 0.

        ``Sheet!E`` before ``7``, ``:E`` after ``L7``, ``:field`` after a key.
        """
        if self.fields:
            return "", f":{self.fields[column]}"
        if self.is_text:
            return "", f":{column_letters(column)}"
        return f"{self.name}!{column_letters(column)}", ""

    @property
    def before_row(self) -> str:
        """What stands before a row's name in the place of the row as a whole."""
        return "" if self.fields or self.is_text else f"{self.name}!A"

    def place(self, row: int, column: int) -> str:
        """The place of a cell, row and column from 0."""
        before, after = self.around(column)
        return f"{before}{self.rows[row].key}{after}"


def of_workbook(file: RawFile, _: ReadingSpec) -> list[Sheet] | Reject:
    """Every sheet of a workbook, hidden ones too: rows and columns as in Excel."""
    try:
        xml = WorkbookXml(file.content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        return [_sheet(book, xml, name) for name in book.sheet_names]
    except DamagedWorkbook as error:
        return Reject("DOC-001", "", str(error))
    except CalamineError as error:
        return Reject("DOC-001", "", f".xlsx ({error})")


def _sheet(book: CalamineWorkbook, xml: WorkbookXml, name: str) -> Sheet:
    sheet, grid = sheet_grid(book, xml, name)
    rows = [
        Row(str(number), list(map(cell_text, cells)), list(map(is_number, cells)))
        for number, cells in enumerate(grid, 1)
    ]
    merged = {
        (row, column): (top, left)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
        for row in range(top, min(bottom, len(grid)) + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }
    return Sheet(name, rows, merged)


def of_csv(file: RawFile, _: ReadingSpec) -> list[Sheet] | Reject:
    """The lines of a CSV document, as one sheet without a name; they may differ in their number of fields."""
    lines = csv.lines_of(file.content)
    if lines is None:
        return Reject("DOC-001", "L1", "CSV")
    delimiter = _delimiter(lines)
    rows = [
        Row(f"L{line}", list(map(legible, fields)), [False] * len(fields), malformed)
        for line, fields, malformed in csv.ragged_records(lines, delimiter)
    ]
    return [Sheet("", rows, is_text=True)]


def _delimiter(lines: list[str]) -> str:
    """The delimiter that parts most lines into equally many fields: a comma may stand in decimals."""
    counts = {sign: [line.count(sign) for line in lines if line.strip()] for sign in ",;\t|"}

    def regular(sign: str) -> tuple[int, int]:
        found = [count for count in counts[sign] if count]
        usual = max(found, key=lambda count: (found.count(count), count), default=0)
        return found.count(usual) * min(usual, 2), usual

    return max(counts, key=regular)


def of_extract(file: RawFile, spec: ReadingSpec) -> list[Sheet] | Reject:
    """The rows of an extract; its fields are the columns, in order of name."""
    records = extract.records(file.content)
    if isinstance(records, Reject):
        return records
    fields = tuple(sorted({name for record in records for name in record}))
    keys = extract.row_places(records, spec)
    rows = [
        Row(
            key,
            [legible(extract.value_text(record.get(name))) for name in fields],
            [isinstance(record.get(name), extract.Number) for name in fields],
        )
        for key, record in zip(keys, records, strict=True)
    ]
    return [Sheet("", rows, fields=fields)]
