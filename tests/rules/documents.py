"""Documents of the fixtures that no row can say: workbooks and texts on the edge of what the readers accept.

Put here: documents made for a region and period, named as a fixture names them under ``made``.
Keep out: hostile ones (``tests.hostile``).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

from openpyxl import Workbook, load_workbook

from pipelines.registry.regions import Region
from pipelines.reports.form import write_form
from pipelines.settings import Limits
from pipelines.submissions.demo_mark import COLUMN, MARK
from tests.hostile.forms import BOOK, STRINGS, Change, changed
from tests.hostile.packages import OFFICE, SHEET_RELATIONS, _relations

_OTHER_NAME = "Provinsi Papua Pegunungan"
_HEADER = "record,region,period,service,component,target,realised"


@dataclass(frozen=True, slots=True)
class Made:
    """A document for a source of ``kind``, made for a region and period."""

    kind: str
    make: Callable[[Region, str], bytes]


def form(region: Region, period: str, rows: int = 1, name: str = "") -> bytes:
    """An honest form with ``rows`` filled rows, at most one; or one that names another region."""
    buffer = io.BytesIO()
    tier = "P" if region.level == "province" else "K"
    row = {"record": "achievement", "sector": "kesehatan", "service": f"{tier}-KES-01"}
    row |= {"component": "recipients", "target": "10", "realised": "9"}
    write_form(
        buffer,
        region_code=region.region_code,
        region_name=name or region.region_name,
        period=period,
        rows=[row][:rows],
        version="spm-2",
    )
    return buffer.getvalue()


def _marked_form(region: Region, period: str) -> bytes:
    """The same form as somebody who fills it in a demo has it: the mark stands in a cell."""
    told = f"{region.region_name} ({region.region_code}), {period}".encode()
    return changed(
        {STRINGS: lambda part: part.replace(told, told + f" [{MARK}]".encode())}, form(region, period)
    )


def _marked_csv(region: Region, period: str) -> bytes:
    return f"{_HEADER},{COLUMN}\n{_text(region, period)},{MARK}\n".encode()


def _form_with(part: str, change: Change) -> Made:
    return Made("workbook", lambda region, period: changed({part: change}, form(region, period)))


def _replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def replace(part: bytes) -> bytes:
        assert old in part, old
        return part.replace(old, new)

    return replace


def _numbered_for(period: str) -> Callable[[bytes], bytes]:
    def replace(part: bytes) -> bytes:
        changed, times = re.subn(rb"(SPM/[\d.]+/)\d{4}-Q[1-4]", rb"\g<1>" + period.encode(), part)
        assert times == 1
        return changed

    return replace


def _text(region: Region, period: str) -> str:
    return f"achievement,{region.region_code},{period},K-KES-01,recipients,10,9"


def _of_the_largest_size(region: Region, period: str, over: int = 0) -> bytes:
    """A CSV as large as one may be, or larger: a column that is none of ours is filled until it is."""
    text = f"{_HEADER},lampiran\n{_text(region, period)},"
    return text.encode() + b"x" * (Limits().file_bytes + over - len(text) - 1) + b"\n"


def _with_a_note_of(letters: int) -> Made:
    def make(region: Region, period: str) -> bytes:
        return f"{_HEADER},note\n{_text(region, period)},{'é' * letters}\n".encode()

    return Made("csv", make)


def _in_windows_1252(region: Region, period: str) -> bytes:
    return f"{_HEADER},note\n{_text(region, period)},Caf\u00e9\n".encode("cp1252")


def _with_an_open_quote(region: Region, period: str) -> bytes:
    """A quote that nobody closes swallows lines up to a bound; its line is given up, the others are read."""
    return f'{_HEADER}\n"{_text(region, period)}\n{_text(region, period)}\n'.encode()


def _beside(add: Callable[[Workbook], None]) -> Made:
    """The form, with what somebody adds to it in a spreadsheet program."""

    def make(region: Region, period: str) -> bytes:
        book = load_workbook(io.BytesIO(form(region, period)))
        add(book)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    return Made("workbook", make)


def _copy_of_a_sheet(book: Workbook) -> None:
    book.copy_worksheet(book["Kesehatan"])


def _sheet_of_notes(book: Workbook) -> None:
    sheet = book.create_sheet("Kerja")
    for row in (["Catatan", "Target"], ["hubungi Dinas", 10]):
        sheet.append(row)


def _links(*targets: str) -> Callable[[Workbook], None]:
    def add(book: Workbook) -> None:
        for row, target in enumerate(targets, start=200):
            book["Kesehatan"].cell(row, 9).hyperlink = target

    return add


def _far_cells(*cells: str) -> Callable[[Workbook], None]:
    def add(book: Workbook) -> None:
        for cell in cells:
            book["Kesehatan"][cell] = "x"

    return add


MADE: dict[str, Made] = {
    "form_with_links_to_files": _beside(_links("file:///D:/bukti.pdf", "\\\\server\\spm\\bukti.pdf")),
    "form_with_links_to_pages": _beside(_links("https://a.example/bukti", "mailto:dinas@a.example")),
    "form_with_far_cells": _beside(_far_cells("L1048576", "XFD9")),
    "form_with_a_cell_below_the_table": _beside(_far_cells("L1500")),
    "form_with_a_copy_of_a_sheet": _beside(_copy_of_a_sheet),
    "form_with_a_sheet_of_notes": _beside(_sheet_of_notes),
    "form": Made("workbook", form),
    "form_with_another_name": Made("workbook", lambda region, period: form(region, period, name=_OTHER_NAME)),
    "form_with_a_misspelt_name": Made(
        "workbook", lambda region, period: form(region, period, name="Daerah Entah")
    ),
    "form_with_the_number_of_another_quarter": _form_with(STRINGS, _numbered_for("2021-Q1")),
    "form_of_an_unknown_version": _form_with(STRINGS, _replacing(b"spm-2", b"spm-9")),
    "form_whose_version_is_in_capitals": _form_with(STRINGS, _replacing(b"spm-2", b"SPM-2")),
    "form_without_a_sheet": _form_with(BOOK, _replacing(b'name="Kesehatan"', b'name="Bidang Kesehatan"')),
    "form_whose_sheet_is_in_capitals": _form_with(BOOK, _replacing(b'name="Kesehatan"', b'name="KESEHATAN"')),
    "form_with_the_mark": Made("workbook", _marked_form),
    "form_with_a_picture": _form_with("xl/media/image1.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 1000),
    "form_with_a_link_to_the_web": _form_with(
        SHEET_RELATIONS, _relations(f"{OFFICE}/hyperlink", "https://a.example/", external=True)
    ),
    "form_with_an_entry_for_a_folder": _form_with("xl/media/", b""),
    "csv_with_the_mark": Made("csv", _marked_csv),
    "csv_of_the_largest_size": Made("csv", _of_the_largest_size),
    "csv_one_byte_larger": Made("csv", lambda region, period: _of_the_largest_size(region, period, over=1)),
    "csv_with_the_longest_note": _with_a_note_of(Limits().cell_letters),
    "csv_with_a_note_one_letter_longer": _with_a_note_of(Limits().cell_letters + 1),
    "csv_in_windows_1252": Made("csv", _in_windows_1252),
    "csv_with_an_open_quote": Made("csv", _with_an_open_quote),
}
