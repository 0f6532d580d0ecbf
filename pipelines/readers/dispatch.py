"""The table of document kinds: how the bytes of each are refused, read into rows, and shown.

It is keyed by what a document is, not by where it came from: a receipt is read again years later, when its
source may be gone, so nothing here knows of sources.

Put here: a line a kind, and what looks a kind up. Keep out: how each is done (``documents``, ``guard``),
the process that it is done in (``child``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.readers.bounds import bounded
from pipelines.readers.documents import csv, grids, workbook
from pipelines.readers.documents.grids import Grid
from pipelines.readers.guard import far_cells
from pipelines.readers.guard import refusal as door
from pipelines.readers.guard import workbook as guard_workbook
from pipelines.readers.guard.far_cells import FarCell
from pipelines.readers.layouts import cells
from pipelines.settings import MB, Limits
from pipelines.submissions import extract
from pipelines.submissions.demo_mark import carries_mark, with_mark
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reading, Reject, Unread, unread_of, with_unread

if TYPE_CHECKING:
    from pipelines.readers.layouts.reading import Line

EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document.

    ``inspect`` raises ``guard.refusal.Refused`` for bytes that are not to be opened, and gives back the
    cells that are not to be read; ``read`` gives the rows, ``grids`` the cells as they stand, ``sheets``
    their texts for a layout. ``is_extract`` is our own text of rows that a system gave, not what people
    send: it may be as large as a document is after unpacking, and a place in it is a key of that system.
    ``has_cells``: a place is a cell (``Kesehatan!F12``), and not a row (``L12``, or a key). A file whose
    name has one of the ``endings`` is checked as this kind (``spm check``); any other as CSV.
    """

    inspect: Callable[[bytes, Limits], Sequence[FarCell] | None]
    read: Callable[[RawFile, ReadingSpec], Reading]
    grids: Callable[[RawFile, ReadingSpec], list[Grid]]
    sheets: Callable[[RawFile, ReadingSpec], list[cells.Sheet] | Reject]
    is_extract: bool
    has_cells: bool
    endings: frozenset[str]


DOCUMENTS = {
    "csv": DocumentKind(
        inspect=door.inspect_csv,
        read=csv.read,
        grids=grids.of_csv,
        sheets=cells.of_csv,
        is_extract=False,
        has_cells=False,
        endings=frozenset({".csv"}),
    ),
    "workbook": DocumentKind(
        inspect=guard_workbook.inspect,
        read=workbook.read,
        grids=grids.of_workbook,
        sheets=cells.of_workbook,
        is_extract=False,
        has_cells=True,
        endings=frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}),
    ),
    EXTRACT: DocumentKind(
        inspect=door.inspect_extract,
        read=extract.read,
        grids=grids.of_extract,
        sheets=cells.of_extract,
        is_extract=True,
        has_cells=False,
        endings=frozenset(),
    ),
}
"""Each kind of document by its name."""


def document_kind(source_kind: str) -> DocumentKind:
    """What the documents of a kind of source are: those of a kind that is no name here are extracts."""
    return DOCUMENTS.get(source_kind, DOCUMENTS[EXTRACT])


def too_large(content: bytes, source_kind: str, limits: Limits) -> Reject | None:
    """The part of ``refusal`` that costs nothing: the size alone."""
    most = limits.inflated_bytes if document_kind(source_kind).is_extract else limits.file_bytes
    if len(content) <= most:
        return None
    return Reject("DOC-011", "", f"{-(-len(content) // MB)} MB > {most // MB} MB")


def refusal(content: bytes, source_kind: str, limits: Limits) -> Reject | None:
    """Why a document of a kind of source is not opened; none where nothing speaks against it.

    Nothing is unpacked beyond ``limits``; memory is that of the largest part of an archive.
    """
    found = _inspected(content, source_kind, limits)
    return found if isinstance(found, Reject) else None


def _inspected(content: bytes, source_kind: str, limits: Limits) -> Sequence[FarCell] | Reject:
    if found := too_large(content, source_kind, limits):
        return found
    try:
        return document_kind(source_kind).inspect(content, limits) or ()
    except door.Refused as refused:
        return refused.reject


def _opened(file: RawFile, source_kind: str, limits: Limits) -> tuple[RawFile, list[Unread]] | Reject:
    """The document as its readers get it, and what of it they do not get."""
    found = _inspected(file.content, source_kind, limits)
    if isinstance(found, Reject):
        return found
    if not found:
        return file, []
    content, unread = far_cells.without(file.content, found)
    return replace(file, content=content), unread


def read_document(file: RawFile, spec: ReadingSpec, limits: Limits) -> Reading:
    """The rows of one document, or the reason why there are none. For a child process: it unpacks."""
    opened = _opened(file, spec.kind, limits)
    if isinstance(opened, Reject):
        return opened
    near, far = opened
    reading = _read(near, spec)
    if not isinstance(reading, Reject):
        reading = bounded(reading, len(file.content), limits)
    if far and not isinstance(reading, Reject):
        reading = with_unread(reading, [*unread_of(reading), *far])
    if isinstance(reading, Reject) or not carries_mark(file.content):
        return reading
    return with_mark(reading)


def _read(file: RawFile, spec: ReadingSpec) -> Reading:
    kind = document_kind(spec.kind)
    if spec.layout is None:
        return kind.read(file, spec)
    from pipelines.readers.layouts import reading  # late: a child without a layout need not wait for DuckDB

    return reading.read(file, spec, kind.sheets)


def read_lines(file: RawFile, spec: ReadingSpec, limits: Limits) -> list[Line] | Reject:
    """What each line of one document became by its layout. For a child process: it unpacks."""
    from pipelines.readers.layouts import reading

    opened = _opened(file, spec.kind, limits)
    if isinstance(opened, Reject):
        return opened
    return reading.lines(opened[0], spec, document_kind(spec.kind).sheets)


def read_grids(file: RawFile, spec: ReadingSpec, limits: Limits) -> list[Grid] | Reject:
    """The cells of one document as they stand. For a child process: it unpacks."""
    opened = _opened(file, spec.kind, limits)
    return opened if isinstance(opened, Reject) else document_kind(spec.kind).grids(opened[0], spec)
