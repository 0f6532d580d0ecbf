"""Where a finding stands in the document that was sent, so that its sender is led to the cell.

Put here: from a place in words to a sheet, row and column. Keep out: which cell of a row
(``feedback.cells``), writing there (``feedback.book``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from pipelines.readers.documents.grids import Grid
from pipelines.registry.forms import folded
from pipelines.reports.feedback.cells import column_of, fields_of, labels_of
from pipelines.reports.received import Document, Finding

# of a number that a layout added up: its first cell
_CELL = re.compile(r"(.+)!([A-Z]{1,3}\d{1,7})(?:\+[A-Z0-9+]+)?", re.DOTALL)
_LINE = re.compile(r"L(\d+)(?::([A-Z]{1,3})(?:\+[A-Z+]+)?)?")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LONGEST_NAME = 31
SUMMARY = "Ringkasan"
_IDENTITY = "Identitas"


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


def mark(sheets: Sequence[Sheet], finding: Finding) -> tuple[Finding, Spot | None]:
    """Note a finding on its cell; no cell where the place is none that is shown.

    The finding comes back with that cell as its place: of a text in a form it was found by its row.
    """
    own = [sheet for sheet in sheets if sheet.shown.document.document_id == finding.document_id]
    spot = _spot(own, finding)
    if spot is None:
        return finding, None
    if spot.sheet.shown.has_cells:
        finding = _at(finding, f"{spot.sheet.grid.name}!{xl_rowcol_to_cell(spot.row, spot.column)}")
    if finding.is_open:
        spot.sheet.marks.setdefault((spot.row, spot.column), []).append(finding)
    return finding, spot


def _at(finding: Finding, place: str) -> Finding:
    """The same finding at another place, which its sentences name, too."""
    if "+" in finding.place or folded(finding.place) == folded(place):
        return finding
    old = re.compile(re.escape(finding.place) + r"(?!\d)")
    return replace(
        finding,
        place=place,
        message_id=old.sub(lambda _: place, finding.message_id),
        message_en=old.sub(lambda _: place, finding.message_en),
    )


def _spot(sheets: Sequence[Sheet], finding: Finding) -> Spot | None:
    if not sheets:
        return None
    return _of_cell(sheets, finding) if sheets[0].shown.has_cells else _of_line(sheets[0], finding)


def _of_cell(sheets: Sequence[Sheet], finding: Finding) -> Spot | None:
    """The cell that a place in a form names; one in the first column is that of the row."""
    if (found := _CELL.fullmatch(finding.place)) is None:
        return None
    named = [sheet for sheet in sheets if folded(sheet.grid.name) == folded(found[1])]
    if not named:
        return None
    spot = Spot(named[0], *xl_cell_to_rowcol(found[2]))
    return spot if spot.column else _identity_cell(sheets, finding) or _in_row(spot, finding)


def _of_line(sheet: Sheet, finding: Finding) -> Spot | None:
    line = _LINE.fullmatch(finding.place)
    key = finding.place if finding.place in sheet.grid.places else finding.place.rpartition(":")[0]
    row = sheet.grid.places.get(key, int(line[1]) - 1 if line else -1)
    if not 0 <= row < len(sheet.grid.rows):
        return None
    if line and line[2]:
        return Spot(sheet, row, xl_cell_to_rowcol(f"{line[2]}1")[1])
    return _in_row(Spot(sheet, row, 0), finding)


def _identity_cell(sheets: Sequence[Sheet], finding: Finding) -> Spot | None:
    """The cell of a form that says whose it is, where the rule is about that."""
    asked = fields_of(finding)
    for sheet in sheets:
        if folded(sheet.grid.name) != folded(_IDENTITY):
            continue
        labels = {label: field for label, field in labels_of(sheet.grid.name).items() if field in asked}
        for row, cells in enumerate(sheet.grid.rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, str) and folded(cell) in labels:
                    filled = (at for at in range(column + 1, len(cells)) if cells[at] not in (None, ""))
                    return Spot(sheet, row, next(filled, column + 1))
    return None


def _in_row(spot: Spot, finding: Finding) -> Spot:
    """The cell of a row that a finding is about; its first where that cannot be told."""
    column = column_of(spot.sheet.grid, spot.row, finding)
    return spot if column is None else Spot(spot.sheet, spot.row, column)


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
