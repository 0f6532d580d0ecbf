"""A sheet as it was sent, in a feedback workbook: same cells, the bad ones coloured and explained.

Put here: cells, colours, comments, widths. Keep out: which cells are bad (``feedback.places``), what is said
of them (``feedback.words``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.readers.documents.grids import Cell
from pipelines.reports.feedback.look import COLOURS, ROW_COLOURS, FeedbackLook
from pipelines.reports.feedback.places import Sheet
from pipelines.reports.feedback.words import comment_on
from pipelines.reports.received import Finding
from pipelines.reports.safe_cells import safe_text, write_cell

_EVERYWHERE = "A1:XFD1048576"
_NARROWEST, _WIDEST = 7, 44
_LINE_HEIGHT, _MOST_LINES = 13.5, 20
_LETTERS_PER_CHARACTER = 1.15  # a column is as wide as so many digits, and letters are narrower
_OTHER_THAN_TEXT = 12  # characters that a number or a date takes
_COMMENT = {"author": "SPM", "font_size": 9, "color": "#FFFDE7", "width": 430}
_COMMENT_LINE, _COMMENT_LINE_PIXELS, _MOST_COMMENT_LINES = 72, 15, 40


def write_sheet(page: Worksheet, sheet: Sheet, look: FeedbackLook) -> None:
    """Write the sheet; of a document that is not shown whole the labels and the rows with findings alone."""
    rows, header_row, is_whole = sheet.grid.rows, sheet.grid.header_row, sheet.shown.is_whole
    findings_of_row: dict[int, list[Finding]] = defaultdict(list)
    for (row, column), found in sheet.marks.items():
        findings_of_row[row] += found
        # a finding may stand on a cell that was left empty, beyond those that were read
        if row >= len(rows) or column >= len(rows[row]):
            page.write_blank(row, column, None, _format(look, "text", COLOURS[_worst(found)]))
        _comment(page, row, column, found)
    if findings_of_row:
        page.set_tab_color(COLOURS[_worst([found for own in findings_of_row.values() for found in own])])
    page.ignore_errors({"number_stored_as_text": _EVERYWHERE})  # codes are meant to be texts
    if not is_whole:
        page.set_default_row(hide_unused_rows=True)
    widths = _widths(sheet)
    for column, width in enumerate(widths):
        page.set_column(column, column, width + 2)
    for row, cells in enumerate(rows):
        if not is_whole and row != header_row and row not in findings_of_row:
            continue
        # a line or a record is wrong as a row, a cell of a form by itself
        by_rows = not sheet.shown.has_cells
        colour = ROW_COLOURS[_worst(findings_of_row[row])] if by_rows and row in findings_of_row else None
        _write_row(page, row, sheet, look, colour)
        if header_row is not None and row >= header_row and (lines := _lines(cells, widths)) > 1:
            page.set_row(row, _LINE_HEIGHT * lines)


def _write_row(page: Worksheet, row: int, sheet: Sheet, look: FeedbackLook, row_colour: str | None) -> None:
    header_row = sheet.grid.header_row
    is_table = header_row is not None and row >= header_row
    for column, cell in enumerate(sheet.grid.rows[row]):
        found = sheet.marks.get((row, column))
        colour = COLOURS[_worst(found)] if found else row_colour
        if cell is None and colour is None and not is_table:
            continue
        is_label = row == header_row and cell is not None
        look_of = partial(_format, look, colour=colour, is_label=is_label, is_table=is_table)
        write_cell(page, row, column, cell, look_of, is_percent=(row, column) in sheet.grid.percents)


def _format(
    look: FeedbackLook, kind: str, colour: str | None, *, is_label: bool = False, is_table: bool = True
) -> Format:
    return look.of_value(kind, colour, is_label=is_label, is_table=is_table)


def _worst(findings: Sequence[Finding]) -> str:
    return min((found.severity for found in findings), key=list(COLOURS).index)


def _comment(page: Worksheet, row: int, column: int, findings: Sequence[Finding]) -> None:
    text = safe_text("\n\n".join(map(comment_on, findings)))
    lines = sum(1 + len(line) // _COMMENT_LINE for line in text.split("\n"))
    height = 12 + _COMMENT_LINE_PIXELS * min(lines, _MOST_COMMENT_LINES)
    page.write_comment(row, column, text, {**_COMMENT, "height": height})


def _lines(cells: Sequence[Cell], widths: Sequence[int]) -> int:
    """How many lines the longest text of a row takes: not every spreadsheet finds out by itself."""
    longest = 1
    for cell, width in zip(cells, widths, strict=False):
        fits = width * _LETTERS_PER_CHARACTER
        if isinstance(cell, str) and (len(cell) > fits or "\n" in cell):
            longest = max(longest, sum(1 + int(len(line) / fits) for line in cell.split("\n")))
    return min(longest, _MOST_LINES)


def _widths(sheet: Sheet) -> list[int]:
    """Characters that fit the cells of the table; a title or a guide makes no column wide."""
    header_row = sheet.grid.header_row
    longest: list[int] = []
    for row in sheet.grid.rows[header_row or 0 :]:
        longest += [0] * (len(row) - len(longest))
        for column, cell in enumerate(row):
            length = len(cell) if isinstance(cell, str) else 0 if cell is None else _OTHER_THAN_TEXT
            if length <= _WIDEST or header_row is not None:
                longest[column] = max(longest[column], length)
    return [min(max(length, _NARROWEST), _WIDEST) for length in longest]
