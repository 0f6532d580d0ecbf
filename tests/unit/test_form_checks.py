"""A form checks what is typed, counts what is filled in, says until when, and can be read on paper.

No program computes its formulas here: their text, the cells that they read and their first values are tested.
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.readers.documents import workbook
from pipelines.registry.catalogue import counted_units, sectors
from pipelines.registry.forms import current_form, forms
from pipelines.registry.nothing_words import words_for
from pipelines.registry.periods import Period
from pipelines.registry.windows import window_of
from pipelines.reports.form import write_form
from pipelines.reports.form_rows import owed_rows
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject

PERIOD = Period(2024, 4)
A4_WIDTH = (11.69 - 0.8) * 96
"""Pixels between the margins of a lying A4 page, at 96 to the inch."""


def _content(rows: list[dict[str, str]], **options: Any) -> bytes:
    buffer = io.BytesIO()
    whose = {"region_code": "64.71", "region_name": "Kota Balikpapan", "period": str(PERIOD)}
    write_form(buffer, rows=rows, **whose, **options)
    return buffer.getvalue()


def _book(rows: list[dict[str, str]], *, computed: bool = False) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(_content(rows)), data_only=computed)


def _read(content: bytes) -> list[dict[str, Any]]:
    table = workbook.read(RawFile("a.xlsx", content), ReadingSpec(name="a", kind="workbook"))
    assert not isinstance(table, Reject), table
    return table.to_pylist()


def _checks(page: Worksheet) -> dict[str, Any]:
    """The check of each column, by its letter."""
    return {
        str(check.sqref).split(":")[0].rstrip("0123456789"): check
        for check in page.data_validations.dataValidation
    }


def _list(book: Workbook, name: str) -> list[str]:
    ((sheet, place),) = book.defined_names[name].destinations
    assert book[sheet].sheet_state == "hidden"
    return [cell.value for (cell,) in book[sheet][place]]


def test_sectors_are_offered_and_written_by_name_and_read_by_code() -> None:
    row = {"record": "problem", "sector": "trantibumlinmas", "item": "anggaran", "note": "Kurang"}
    book = _book([row])
    page = book["Masalah"]
    check = _checks(page)["A"]
    assert (check.type, check.formula1) == ("list", "pilihan_sector")
    names = [sector.name_id for sector in sectors()]
    assert _list(book, "pilihan_sector") == names
    assert page["A6"].value == "Ketenteraman, ketertiban umum, dan pelindungan masyarakat"
    assert page["C6"].value == "Anggaran dan pendanaan"
    for at, name in enumerate(names):
        page.cell(7 + at, 1).value, page.cell(7 + at, 4).value = name, "x"
    page["A13"].value, page["D13"].value = "kesehatan", "x"  # somebody writes the code
    buffer = io.BytesIO()
    book.save(buffer)
    rows = _read(buffer.getvalue())
    assert (rows[0]["sector"], rows[0]["item"]) == ("trantibumlinmas", "anggaran")
    assert [one["sector"] for one in rows[1:]] == [*(one.sector_code for one in sectors()), "kesehatan"]


def test_a_list_stops_another_word_and_asks_about_a_category_of_ones_own() -> None:
    checks = _checks(_book(owed_rows("regency_city", PERIOD))["Masalah"])
    assert (checks["A"].errorStyle or "stop", checks["C"].errorStyle) == ("stop", "warning")
    assert checks["C"].formula1.strip('"').split(",")[:2] == ["Anggaran dan pendanaan", "Data sasaran"]


def test_numbers_are_checked_while_they_are_typed() -> None:
    book = _book(owed_rows("regency_city", PERIOD))
    checks = _checks(book["Kesehatan"])
    assert checks["H"].type == "custom"
    assert (checks["H"].errorStyle or "stop") == "stop"
    assert str(checks["H"].sqref).startswith("H6:H")
    assert checks["H"].formula1 == (
        "OR(AND(ISNUMBER(H6),H6>=0,OR(H6=INT(H6),NOT(OR(COUNTIF(satuan_utuh,F6)>0,"
        'AND(F6="",OR(D6<>"",C6="Penerima layanan")))))),COUNTIF(kata_kosong,H6)>0)'
    )
    assert checks["G"].formula1 == checks["H"].formula1.replace("H6", "G6")
    budget = _checks(book["Anggaran"])["F"]
    assert budget.formula1 == (
        "OR(AND(ISNUMBER(F6),F6>=0,OR(F6=INT(F6),NOT(COUNTIF(satuan_utuh,E6)>0))),COUNTIF(kata_kosong,F6)>0)"
    )
    assert _list(book, "satuan_utuh") == list(counted_units())
    assert _list(book, "kata_kosong") == words_for()
    assert {"Orang", "Rumah"} <= set(counted_units())
    assert "Kilometer" not in counted_units()
    every = [check for page in book.worksheets for check in page.data_validations.dataValidation]
    assert every
    for check in every:  # the most that Excel takes
        assert len(check.formula1 or "") <= 255
        assert len(check.error or "") <= 255
        assert len(check.errorTitle or "") <= 32


def test_progress_counts_rows_with_a_result_or_nobody_owed() -> None:
    rows = owed_rows("regency_city", PERIOD)
    health = [row for row in rows if row["record"] == "achievement" and row["sector"] == "kesehatan"]
    health[0].update(target="10", realised="0")
    health[1].update(target="10", realised="na")
    health[2].update(target="tidak ada")
    health[3].update(target="10")
    last = 5 + len(health)
    formula, shown = (_book(rows, computed=computed)["Kesehatan"]["A3"].value for computed in (False, True))
    target, realised = (f"'Kesehatan'!${column}$6:${column}${last}" for column in "GH")
    counted = f'SUMPRODUCT(--((({realised}<>"")+(COUNTIF(kata_tidak_berlaku,{target})>0))>0))'
    assert counted in formula
    assert shown == f"Terisi: 3 dari {len(health)} ({300 // len(health)} %)"
    page = _book(rows, computed=True)["Identitas"]
    listed = {row[0]: row[1] for row in page.iter_rows(values_only=True) if row[1]}
    assert listed["Kesehatan"] == shown.removeprefix("Terisi: ")
    assert listed["Seluruhnya"].startswith(f"3 dari {len(rows)} ")
    assert "tidak ada" in _list(_book(rows), "kata_tidak_berlaku")


def test_a_form_says_until_when_and_asks_who_filled_it_in_without_a_name() -> None:
    book = _book([])
    page = book["Identitas"]
    cells = {row[0].value: row[1] for row in page.iter_rows(max_row=20)}
    assert window_of(PERIOD, region_code="64.71").closes_on == date(2025, 1, 20)
    assert cells["Batas waktu"].value == "20 Jan 2025 (batas waktu sesuai pengumuman)"
    assert cells["Batas waktu"].protection.locked
    for label in ("Jabatan pengisi", "Unit kerja pengisi"):
        assert not cells[label].protection.locked
    offered = {str(check.sqref): check.formula1 for check in page.data_validations.dataValidation}
    assert "Operator data SPM" in offered[cells["Jabatan pengisi"].coordinate]


def test_who_filled_it_in_stays_in_the_document() -> None:
    row = {"record": "problem", "sector": "sosial", "item": "data", "note": "x"}
    book = _book([row])
    cells = {one[0].value: one[1] for one in book["Identitas"].iter_rows(max_row=20)}
    cells["Jabatan pengisi"].value, cells["Unit kerja pengisi"].value = "Operator data SPM", "Dinas Sosial"
    buffer = io.BytesIO()
    book.save(buffer)
    assert _read(buffer.getvalue()) == _read(_content([row]))


def test_a_sheet_is_printed_large_enough_to_be_read() -> None:
    book = _book(owed_rows("regency_city", PERIOD))
    for sheet in current_form().sheets[1:]:
        page = book[sheet.name]
        widths = [page.column_dimensions[cell.column_letter].width for cell in page[sheet.header_row]]
        assert A4_WIDTH / sum(7 * width + 5 for width in widths) >= 0.7, sheet.name
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert page.print_title_rows == f"${sheet.header_row}:${sheet.header_row}"
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.page_setup.fitToHeight == 0
        assert "64.71" in page.oddFooter.left.text


@pytest.mark.parametrize("version", [name for name, form in forms().items() if not form.is_current])
def test_an_earlier_version_is_written_as_it_was(version: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(_content([], version=version)))
    assert book.sheetnames == [sheet.name for sheet in forms()[version].sheets]
    assert not book.defined_names
