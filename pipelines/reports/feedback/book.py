"""One feedback workbook: the summary, then every sheet as it was sent, its bad cells coloured and explained.

The same submissions and grids give the same bytes.

Put here: which sheets, in which order. Keep out: the sheets (``feedback.summary``, ``feedback.sheet``), where
documents come from (``feedback``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

from xlsxwriter import Workbook

from pipelines.reports.feedback.look import FeedbackLook, lay_out_for_print
from pipelines.reports.feedback.places import SUMMARY, Shown, mark, sheets_of
from pipelines.reports.feedback.sheet import write_sheet
from pipelines.reports.feedback.summary import Summary
from pipelines.reports.received import Document, Standing, Submission
from pipelines.reports.safe_cells import WORKBOOK_OPTIONS, safe_text
from pipelines.submissions.demo_mark import marked_notice

_CREATED = datetime(2019, 1, 1, tzinfo=UTC)  # fixed: the same release gives the same bytes on any day


def feedback_book(
    listed: Sequence[tuple[Submission, Standing]],
    show: Callable[[Document], Shown],
    is_demo: bool = False,
    waiting: Sequence[Document] = (),
) -> bytes:
    """The workbook for ``listed``. ``show`` gives a document's cells; the ``waiting`` have a receipt alone.

    Of a document with regions that are not listed only the rows with findings are shown. ``is_demo``: it
    speaks of made-up data; its first sheet, and each printed page, says so.
    """
    documents = _documents(listed)
    shown = [replace(show(found), is_whole=_is_whole(found, listed)) for found in documents.values()]
    sheets = sheets_of(shown)
    marked = [mark(sheets, found) for own, _ in listed for found in own.findings]
    findings = [found for found, _ in marked]
    spots = {at: spot for at, (_, spot) in enumerate(marked) if spot is not None}
    whose = _whose(listed)
    buffer = BytesIO()
    with Workbook(buffer, WORKBOOK_OPTIONS) as book:
        book.set_properties({"title": safe_text(f"Umpan balik SPM {whose}"), "created": _CREATED})
        look = FeedbackLook(book)
        page = book.add_worksheet(SUMMARY)
        notice = marked_notice() if is_demo else ""
        lay_out_for_print(page, whose, notice=notice)
        summary = Summary(page, look)
        summary.title(whose, notice)
        summary.reports(listed)
        summary.indexes(listed)
        summary.receipts([*shown, *map(Shown, waiting)], findings)
        summary.findings(findings, spots, {key: number for number, key in enumerate(documents, start=1)})
        summary.guide()
        for sheet in sheets:
            page = book.add_worksheet(sheet.title)
            lay_out_for_print(page, f"{whose} · {sheet.title}", sheet.grid.header_row, notice)
            write_sheet(page, sheet, look)
    return buffer.getvalue()


def _whose(listed: Sequence[tuple[Submission, Standing]]) -> str:
    if len({submission.region_code for submission, _ in listed}) != 1:
        return f"{len(listed)} laporan"
    submission, standing = listed[0]
    code = f" ({submission.region_code})" if submission.region_code else ""
    return f"{standing.region_name}{code}, {submission.period or 'periode tidak terbaca'}"


def _documents(listed: Sequence[tuple[Submission, Standing]]) -> dict[str, Document]:
    """Each document once, with its rows in all that is listed."""
    found: dict[str, Document] = {}
    for document in (document for own, _ in listed for document in own.documents):
        earlier = found.get(document.document_id)
        found[document.document_id] = document if earlier is None else earlier.with_rows_of(document)
    return found


def _is_whole(document: Document, listed: Sequence[tuple[Submission, Standing]]) -> bool:
    regions = {
        own.region_code
        for own, _ in listed
        for found in own.documents
        if own.region_code and found.document_id == document.document_id
    }
    return len(regions) >= document.regions
