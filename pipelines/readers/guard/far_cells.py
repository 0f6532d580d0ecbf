"""Values far outside the table of a sheet: a reader would reserve the whole rectangle up to them.

A few of them are stray: they are taken out of what is read, and named. More than a few may be the table
itself, and the document is refused (DOC-011).

Put here: finding such cells, and the workbook without them. Keep out: other bounds of cells (``workbook``).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.messages import say
from pipelines.readers.documents.workbook_xml import WorkbookXml, column_letters, column_number
from pipelines.readers.guard.refusal import Refused, shown
from pipelines.settings import Limits
from pipelines.submissions.rows import Unread

FAR_CELL_NOT_READ = "DOC-024"
MOST_STRAY_CELLS = 20
_MOST_EMPTY_ROWS, _MOST_EMPTY_COLUMNS = 1000, 100
"""So many empty rows or columns lie within a table at most; what comes after more is far from it."""

_LONGEST_LETTERS, _LONGEST_DIGITS = 4, 8  # enough to be over any limit
# `[^<>]`, not `[^>]`: where no tag is ever closed each look ends at the next one, and all are one pass
# an element without content, or closed at once, has a style and no value: no reader keeps it
_ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(row|c)(\s[^<>]*?)?(/?)>(</(?:\w+:)?c>)?")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")
_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)(\d+)")
# from 1000 rows or three letters on a rectangle can be large: 999 rows of 702 columns are 701 298 cells
_NEAR_CELLS = 999 * 702
_FAR = re.compile(rb"r=\"(?:[A-Za-z]{3,}\d|[A-Za-z]*\d{4})")


@dataclass(frozen=True, slots=True)
class FarCell:
    """A filled cell far outside the table: the part it stands in, its row and column (from 1), its bytes."""

    part: str
    row: int
    column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Filled:
    row: int
    column: int
    start: int
    inside: int


def far_cells(name: str, part: bytes, limits: Limits) -> list[FarCell]:
    """The stray cells of the sheet in ``part``, whose rectangle without them fits; none of most sheets.

    Raises:
        Refused: DOC-011 it does not fit without them, or they are more than stray.
    """
    # in the usual notation only: in any other a far cell costs the child its memory, and ends there
    if limits.cells >= _NEAR_CELLS and not _FAR.search(part):
        return []
    height = width = 1
    for cell in _filled(part):
        height, width = max(height, cell.row), max(width, cell.column)
    if width * height <= limits.cells:
        return []
    rows = _near({cell.row for cell in _filled(part)}, _MOST_EMPTY_ROWS)
    columns = _near({cell.column for cell in _filled(part) if cell.row <= rows}, _MOST_EMPTY_COLUMNS)
    stray: list[FarCell] = []
    for cell in _filled(part):
        if cell.row > rows or cell.column > columns:
            end = _CELL_END.search(part, cell.inside)
            stray += [FarCell(name, cell.row, cell.column, cell.start, end.end() if end else len(part))]
            if len(stray) > MOST_STRAY_CELLS:
                break
    if not 0 < rows * columns <= limits.cells or len(stray) > MOST_STRAY_CELLS:
        raise Refused(
            "DOC-011",
            shown(name),
            f"{height} x {width} > {limits.cells} {say('guard.cells')} ({say('guard.far_value')})",
        )
    return stray


def without(content: bytes, stray: Sequence[FarCell]) -> tuple[bytes, list[Unread]]:
    """The workbook without these cells, and what of it is not read by that."""
    names = {part: sheet for sheet, part in WorkbookXml(content).parts.items()}
    of_part: dict[str, list[FarCell]] = {}
    for cell in stray:
        of_part.setdefault(cell.part, []).append(cell)
    unread = []
    for cell in stray:
        at = f"{column_letters(cell.column - 1)}{cell.row}"
        unread.append(Unread(FAR_CELL_NOT_READ, f"{names.get(cell.part, cell.part)}!{at}", at))
    return _rewritten(content, of_part), unread


def _filled(part: bytes) -> Iterator[_Filled]:
    """Each cell with content; one that does not say where it is follows the one before it."""
    row = column = 0
    for found in _ROW_OR_CELL.finditer(part):
        element, attributes, is_closed, end = found.groups()
        place = _PLACE.search(attributes or b"")
        if element == b"row":
            row, column = int(place[2][:_LONGEST_DIGITS]) if place else row + 1, 0
            continue
        column += 1
        if place:
            row = int(place[2][:_LONGEST_DIGITS])
            column = column_number(place[1][:_LONGEST_LETTERS].decode().upper())
        if not (is_closed or end):
            yield _Filled(row, column, found.start(), found.end())


def _near(positions: Iterable[int], most_empty: int) -> int:
    """The last position that no more than ``most_empty`` empty ones part from those before it."""
    last = 0
    for position in sorted(positions):
        if position - last > most_empty + 1:
            break
        last = position
    return last


def _rewritten(content: bytes, of_part: Mapping[str, Sequence[FarCell]]) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            for cell in reversed(of_part.get(name, ())):
                part = part[: cell.start] + part[cell.end :]
            new.writestr(name, part)
    return buffer.getvalue()
