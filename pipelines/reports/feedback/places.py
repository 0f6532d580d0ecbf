"""Where a finding stands in the document that was sent, so that its sender is led to the cell.

Put here: from a place in words to a sheet, row and column. Keep out: writing there (``feedback.book``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from xlsxwriter.utility import xl_cell_to_rowcol

from pipelines.readers.documents.grids import Cell, Grid
from pipelines.registry.forms import folded
from pipelines.reports.received import Document, Finding

# of a number that a layout added up: its first cell
_CELL = re.compile(r"(.+)!([A-Z]{1,3}\d{1,7})(?:\+[A-Z0-9+]+)?", re.DOTALL)
_LINE = re.compile(r"L(\d+)(?::([A-Z]{1,3})(?:\+[A-Z+]+)?)?")
_VALUE_WORDS = re.compile(r"^(?:target|realisasi) ")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LONGEST_NAME = 31
SUMMARY = "Ringkasan"


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as it is shown: its sheets, or ``why_not`` in words for its sender.

    ``has_cells``: a place in it is a cell, and not a row. Unless ``is_whole`` only the rows with findings are
    shown: the others are those of other regions.
    """

    document: Document
    grids: Sequence[Grid] = ()
    why_not: str = ""
    has_cells: bool = False
    is_whole: bool = True


@dataclass(slots=True)
class Sheet:
    """A sheet of a document under the ``title`` that it has here, and the findings on its cells."""

    title: str
    shown: Shown
    grid: Grid
    marks: dict[tuple[int, int], list[Finding]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell, row and column from 0."""

    sheet: Sheet
    row: int
    column: int


def sheets_of(shown: Sequence[Shown]) -> list[Sheet]:
    """Every sheet of every document, under titles that one workbook can hold beside the summary."""
    taken = {SUMMARY.casefold()}
    return [Sheet(_title(grid.name, taken), one, grid) for one in shown for grid in one.grids]


def mark(sheets: Sequence[Sheet], finding: Finding) -> Spot | None:
    """Note a finding on its cell; none where the place is no cell that is shown."""
    own = [sheet for sheet in sheets if sheet.shown.document.document_id == finding.document_id]
    spot = _spot(own, finding)
    if spot is not None and finding.is_open:
        spot.sheet.marks.setdefault((spot.row, spot.column), []).append(finding)
    return spot


def _spot(sheets: Sequence[Sheet], finding: Finding) -> Spot | None:
    if not sheets:
        return None
    if sheets[0].shown.has_cells:
        if (found := _CELL.fullmatch(finding.place)) is None:
            return None
        named = [sheet for sheet in sheets if folded(sheet.grid.name) == folded(found[1])]
        return Spot(named[0], *xl_cell_to_rowcol(found[2])) if named else None
    (sheet,) = sheets
    line = _LINE.fullmatch(finding.place)
    key = finding.place if finding.place in sheet.grid.places else finding.place.rpartition(":")[0]
    row = sheet.grid.places.get(key, int(line[1]) - 1 if line else -1)
    if not 0 <= row < len(sheet.grid.rows):
        return None
    if line and line[2]:
        return Spot(sheet, row, xl_cell_to_rowcol(f"{line[2]}1")[1])
    return Spot(sheet, row, _column(sheet.grid.rows[row], finding.value))


def _column(cells: Sequence[Cell], value: str) -> int:
    """The column of the cell that holds what a finding quotes; the first where none does."""
    quoted = [value, value.partition(" < ")[0], *reversed(value.split(" / "))]
    for text in (_VALUE_WORDS.sub("", part).strip() for part in quoted):
        for column, cell in enumerate(cells):
            if text and _says(cell, text):
                return column
    return 0


def _says(cell: Cell, text: str) -> bool:
    if not isinstance(cell, float):
        return str(cell or "").strip() == text
    try:
        return cell == float(text)
    except ValueError:
        return False


def _title(name: str, taken: set[str]) -> str:
    clean = _NOT_IN_A_NAME.sub(" ", name).strip().strip("'").strip() or "Lembar"
    title, number = clean[:_LONGEST_NAME].rstrip("' "), 1
    # Excel keeps the name History to itself
    while title.casefold() in taken or title.casefold() == "history":
        number += 1
        ending = f" ({number})"
        title = clean[: _LONGEST_NAME - len(ending)].rstrip("' ") + ending
    taken.add(title.casefold())
    return title
