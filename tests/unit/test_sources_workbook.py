"""A form filled in by people reads right: whatever they moved, merged, hid or left uncomputed."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.readers.documents import workbook
from pipelines.registry.forms import forms
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import ROW_SCHEMA, RawFile, Reject, Unread, unread_of

SPEC = ReadingSpec(name="daerah", kind="workbook")
HEADER = [
    "Kode layanan",
    "Jenis layanan",
    "Komponen",
    "Kode indikator",
    "Indikator",
    "Satuan",
    "Target",
    "Realisasi",
    "Catatan",
]
ROW = ["K-KES-01", "Ibu hamil", "Penerima layanan", None, None, "Orang", 1200, 1150.5, "ok"]


def _form(region: Any = "64.71", version: Any = "spm-2", period: Any = "2024-Q4") -> openpyxl.Workbook:
    """An empty form of a version, laid out by hand: labels where the registry has them, nothing else."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in forms()[version if version in forms() else "spm-2"].sheets:
        page = book.create_sheet(sheet.name)
        if sheet.record == "identity":
            values = {"region": region, "period": period, "form_version": version}
            for offset, (label, field) in enumerate(sheet.labels.items()):
                page.cell(sheet.header_row + offset, 1, label.upper())
                page.cell(sheet.header_row + offset, 2, values.get(field))
        else:
            for column, label in enumerate(sheet.labels, start=1):
                page.cell(sheet.header_row, column, label.capitalize())
    return book


def _put(page: Worksheet, row: int, values: list[Any], column: int = 1) -> None:
    for offset, value in enumerate(values):
        page.cell(row, column + offset, value)


def _bytes(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _read(book: openpyxl.Workbook | bytes, spec: ReadingSpec = SPEC) -> list[dict[str, Any]]:
    content = book if isinstance(book, bytes) else _bytes(book)
    table = workbook.read(RawFile("x.xlsx", content), spec)
    assert not isinstance(table, Reject), table
    assert table.schema == ROW_SCHEMA
    return table.to_pylist()


def _reject(book: openpyxl.Workbook | bytes) -> Reject:
    reject = workbook.read(RawFile("x.xlsx", book if isinstance(book, bytes) else _bytes(book)), SPEC)
    assert isinstance(reject, Reject)
    return reject


def test_a_row_keeps_its_texts_its_numbers_and_its_cells() -> None:
    book = _form()
    _put(book["Kesehatan"], 6, ROW)
    (row,) = _read(book)
    assert row == {
        "record": "achievement",
        "region": "64.71",
        "period": "2024-Q4",
        "sector": "kesehatan",
        "service": "K-KES-01",
        "component": "recipients",
        "item": "",
        "unit": "Orang",
        "target": "1200",
        "realised": "1150.5",
        "note": "ok",
        "submitted_at": None,
        "measure": None,
        "snapshot_on": None,
        "target_is_number": True,
        "realised_is_number": True,
        "row_place": "Kesehatan!A6",
        "target_place": "Kesehatan!G6",
        "realised_place": "Kesehatan!H6",
        "reject_rule": None,
        "reject_text": None,
    }


def test_rows_and_columns_put_in_by_people_move_the_cells_not_the_rows() -> None:
    book = _form()
    page = book["Kesehatan"]
    _put(page, 6, ROW)
    page.insert_rows(1, 3)
    page.insert_cols(1)
    page["A8"] = "No"
    page["A9"] = 1
    (row,) = _read(book)
    assert (row["row_place"], row["target_place"], row["service"]) == (
        "Kesehatan!A9",
        "Kesehatan!H9",
        "K-KES-01",
    )


def test_columns_in_another_order_and_a_header_of_two_merged_rows_are_found() -> None:
    book = _form()
    page = book["Kesehatan"]
    _put(
        page,
        5,
        [
            "Catatan *",
            "KODE\nLAYANAN",
            "Komponen:",
            "Kode indikator",
            "Indikator",
            "Satuan",
            "Jumlah",
            None,
            "x",
        ],
    )
    _put(page, 6, ["Realisasi", "Target"], column=7)
    page.merge_cells("G5:H5")
    for letter in "ABCDEF":
        page.merge_cells(f"{letter}5:{letter}6")
    _put(page, 7, ["ok", "K-KES-02", "personnel", None, "Bidan", "Orang", 8, 10])
    (row,) = _read(book)
    assert [row[name] for name in ("service", "item", "target", "realised")] == [
        "K-KES-02",
        "Bidan",
        "10",
        "8",
    ]
    assert (row["target_place"], row["note"]) == ("Kesehatan!H7", "ok")


def test_a_heading_over_several_columns_is_not_one_of_them() -> None:
    book = _form()
    page = book["Kesehatan"]
    _put(page, 5, [*HEADER[:6], "Realisasi", None, "Catatan"])
    page.merge_cells("G5:H5")
    _put(page, 6, ["Target", "Realisasi"], column=7)
    _put(page, 7, ROW)
    (row,) = _read(book)
    assert (row["target_place"], row["realised_place"]) == ("Kesehatan!G7", "Kesehatan!H7")


def test_a_word_above_the_header_does_not_take_the_place_of_its_column() -> None:
    book = _form()
    page = book["Kesehatan"]
    page["A4"] = "Realisasi"
    _put(page, 6, ROW)
    assert _read(book)[0]["realised_place"] == "Kesehatan!H6"


def test_columns_put_between_those_of_the_form_are_ignored() -> None:
    book = _form()
    page = book["Kesehatan"]
    _put(page, 6, ROW)
    page.insert_cols(8)
    _put(page, 5, ["Target 2023"], column=8)
    _put(page, 6, [900], column=8)
    (row,) = _read(book)
    assert (row["target"], row["realised"], row["realised_place"]) == ("1200", "1150.5", "Kesehatan!I6")


def test_what_was_accepted_last_is_never_read_as_a_value() -> None:
    book = _form(version="spm-3")
    page = book["Kesehatan"]
    _put(page, 6, [*ROW[:6], None, None, 1200, 1150, "2024-Q4", "ok"])
    (row,) = _read(book)
    assert [row[name] for name in ("target", "realised", "note")] == ["", "", "ok"]


def test_a_form_without_the_columns_of_what_was_accepted_last_is_still_read() -> None:
    book = _form(version="spm-3")
    book["Kesehatan"].delete_cols(9, 3)
    _put(book["Kesehatan"], 6, ROW)
    assert _read(book)[0]["note"] == "ok"


def test_a_cell_merged_over_rows_speaks_for_each_of_them() -> None:
    book = _form()
    page = book["Kesehatan"]
    for offset, item in enumerate(("Bidan", "Perawat", "Dokter")):
        _put(
            page,
            6 + offset,
            ["K-KES-01" if not offset else None, None, "personnel", None, item, "Orang", 5, 4],
        )
    page.merge_cells("A6:A8")
    page.merge_cells("G7:G8")
    rows = _read(book)
    assert [row["service"] for row in rows] == ["K-KES-01"] * 3
    assert [row["target"] for row in rows] == ["5", "5", ""]


def test_blank_rows_and_totals_are_layout_and_everything_else_is_a_row() -> None:
    book = _form()
    page = book["Kesehatan"]
    _put(page, 6, ["Jumlah", None, None, None, None, None, 1, 1])
    _put(page, 8, [None, "TOTAL :", None, None, None, None, 1, 1])
    _put(page, 9, [None, None, None, None, "Total", None, 1, 1])
    _put(page, 10, [None] * 8 + ["hanya catatan"])
    _put(page, 11, ["K-KES-01", None, "goods_services", None, "Jumlah dan kualitas barang", None, 1, 1])
    _put(page, 12, [None, None, None, None, "Jumlah bidan desa", None, 1, 1])
    _put(page, 13, [None, None, None, None, None, None, None, "3"])
    _put(page, 14, [None, "Jumlah dan kualitas", "procedures", None, None, None, 1, 1])
    book["Masalah"]["D6"] = "Total anggaran kurang"
    rows = _read(book)
    assert [row["row_place"] for row in rows] == [
        *(f"Kesehatan!A{n}" for n in (11, 12, 13, 14)),
        "Masalah!A6",
    ]


def test_sheets_that_are_not_of_the_form_are_ignored_hidden_or_not() -> None:
    book = _form()
    _put(book["Kesehatan"], 6, ROW)
    hidden = book.create_sheet("Arsip 2023", 0)
    hidden.sheet_state = "hidden"
    _put(hidden, 5, HEADER)
    _put(hidden, 6, ROW)
    assert len(_read(book)) == 1


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_sheet_of_the_form_is_read_even_when_it_is_hidden(state: str) -> None:
    book = _form()
    _put(book["Kesehatan"], 6, ROW)
    book["Kesehatan"].sheet_state = state
    assert [row["row_place"] for row in _read(book)] == ["Kesehatan!A6"]


@pytest.mark.parametrize(
    ("value", "look", "text"),
    [
        pytest.param(0.98, "0%", "98%", id="whole-percents"),
        pytest.param(0.9855, "0.00%", "98.55%", id="decimals"),
        pytest.param(0.57, '0" %"%', "57%", id="a-format-of-their-own"),
        pytest.param(0.285, "0.0%", "28.5%", id="no-noise"),
        pytest.param(98, '0" %"', "98%", id="a-sign-that-is-only-text"),
        pytest.param(98, "0\\%", "98%", id="a-sign-that-is-escaped"),
        pytest.param(98, "0_%", "98", id="a-blank-as-wide-as-a-sign"),
        pytest.param(98, '#,##0" orang"', "98", id="a-unit-that-is-only-text"),
        pytest.param(98, "0\\ \\d\\o\\s\\i\\s", "98", id="a-unit-of-letters-of-dates"),
        pytest.param("98 %", "0%", "98 %", id="a-text"),
        pytest.param(45689, "dd/mm", "2025-02-01", id="a-date"),
    ],
)
def test_a_number_is_what_its_cell_shows(value: Any, look: str, text: str) -> None:
    book = _form()
    _put(book["Kesehatan"], 6, [*ROW[:7], value])
    book["Kesehatan"]["H6"].number_format = look
    book["Kesehatan"]["H9"].number_format = "0%"
    (row,) = _read(book)
    assert (row["target"], row["realised"]) == ("1200", text)


@pytest.mark.parametrize(
    ("typed", "text", "is_number"),
    [
        pytest.param(" 1.234 ", "1.234", False, id="a-text-number-stays-typed"),
        pytest.param(1234.0, "1234", True, id="whole"),
        pytest.param(-1234, "-1234", True, id="negative"),
        pytest.param(0, "0", True, id="zero"),
        pytest.param(1 / 3, "0.333333333333333", True, id="fifteen-digits"),
        pytest.param(1e-7, "0.0000001", True, id="no-exponent-small"),
        pytest.param(1.5e20, "150000000000000000000", True, id="no-exponent-large"),
        pytest.param(True, "TRUE", False, id="boolean"),
        pytest.param(date(2024, 12, 31), "2024-12-31", False, id="date"),
        pytest.param("tidak ada", "tidak ada", False, id="words"),
        pytest.param("=1+1", "#FORMULA", False, id="formula-never-computed"),
        pytest.param("#REF!", "#REF!", False, id="error"),
        pytest.param(None, "", False, id="empty"),
    ],
)
def test_a_value_cell_becomes_text(typed: Any, text: str, is_number: bool) -> None:
    book = _form()
    _put(book["Kesehatan"], 6, [*ROW[:7], typed])
    (row,) = _read(book)
    assert (row["realised"], row["realised_is_number"]) == (text, is_number)


def test_a_row_of_nothing_but_uncomputed_formulas_is_still_a_row() -> None:
    book = _form()
    _put(book["Kesehatan"], 6, ROW)
    _put(book["Kesehatan"], 9, ["=Z1", None, None, None, None, None, "=Z2", "=Z3"])
    assert [row["service"] for row in _read(book)] == ["K-KES-01", "#FORMULA"]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        pytest.param(64.71, "64.71", id="a-number"),
        pytest.param(64, "64", id="a-province"),
        pytest.param(64.7, "64.7", id="a-lost-zero-is-not-guessed"),
        pytest.param(" 64.70 ", "64.70", id="a-text"),
        pytest.param("Kab. Kutim", "Kab. Kutim", id="a-name"),
    ],
)
def test_the_region_comes_as_it_stands_on_the_first_sheet(typed: Any, text: str) -> None:
    book = _form(region=typed)
    _put(book["Kesehatan"], 6, ROW)
    assert _read(book)[0]["region"] == text


def test_a_form_without_a_code_goes_by_its_name() -> None:
    book = _form(region=None)
    book["Identitas"]["B5"] = "Kota Balikpapan"
    _put(book["Kesehatan"], 6, ROW)
    assert _read(book)[0]["region"] == "Kota Balikpapan"


def test_an_ended_version_is_read_by_its_own_layout() -> None:
    book = _form(version="spm-1")
    _put(book["Bidang Kesehatan"], 5, ["K-KES-01", None, "SDM", "Bidan", 10, 8, None])
    (row,) = _read(book)
    assert (row["sector"], row["component"], row["item"]) == ("kesehatan", "personnel", "Bidan")
    assert (row["unit"], row["realised_place"]) == (None, "Bidang Kesehatan!F5")


def test_an_ended_version_is_read_for_a_later_period() -> None:
    book = _form(version="spm-1", period="2025-Q2")
    _put(book["Bidang Kesehatan"], 5, ["K-KES-01", None, "Penerima layanan", None, 10, 8, None])
    assert [row["period"] for row in _read(book)] == ["2025-Q2"]


def test_teams_and_action_plans_share_a_sheet_and_say_which_they_are() -> None:
    book = _form()
    _put(book["Tim dan Rencana Aksi"], 6, ["Rencana aksi", None, None, "SK Bupati"])
    _put(book["Tim dan Rencana Aksi"], 7, [None, None, None, "lupa memilih"])
    assert [row["record"] for row in _read(book)] == ["action_plan", ""]


def test_codes_of_the_source_become_ours() -> None:
    book = _form()
    _put(book["Kesehatan"], 6, ["KI78", *ROW[1:]])
    spec = ReadingSpec(name="d", kind="workbook", values={"service": {"KI78": "K-KES-01"}})
    assert _read(book, spec)[0]["service"] == "K-KES-01"


def _without_a_sheet() -> openpyxl.Workbook:
    book = _form()
    del book["Sosial"]
    return book


def _without_a_label() -> openpyxl.Workbook:
    book = _form()
    book["Sosial"]["H5"] = "Angka"
    return book


def _with_a_label_twice() -> openpyxl.Workbook:
    book = _form()
    book["Sosial"]["K5"] = "REALISASI"
    return book


@pytest.mark.parametrize(
    ("make", "rule", "place", "said"),
    [
        pytest.param(lambda: b"record;region", "DOC-001", "", ".xlsx", id="not-a-workbook"),
        pytest.param(lambda: b"", "DOC-001", "", ".xlsx", id="empty"),
        pytest.param(lambda: _bytes(_form())[:4000], "DOC-001", "", ".xlsx", id="cut-off"),
        pytest.param(_without_a_label, "DOC-002", "Sosial!A5", "realisasi", id="a-label-missing"),
        pytest.param(_with_a_label_twice, "DOC-002", "Sosial!A5", "H5, K5", id="a-label-twice"),
        pytest.param(lambda: _form(version="spm-9"), "DOC-003", "Identitas", "spm-9", id="unknown-version"),
        pytest.param(lambda: _form(version=None), "DOC-003", "Identitas", "-", id="no-version"),
        pytest.param(_without_a_sheet, "DOC-004", "Sosial", "Sosial", id="a-sheet-missing"),
        pytest.param(_form, "DOC-005", "Pendidikan!A6", "", id="nothing-filled-in"),
    ],
)
def test_a_workbook_that_cannot_be_read_says_why(
    make: Callable[[], openpyxl.Workbook | bytes], rule: str, place: str, said: str
) -> None:
    reject = _reject(make())
    assert (reject.rule_id, reject.place) == (rule, place)
    assert said in reject.value


def test_damage_anywhere_is_a_reject_or_rows_and_never_an_exception() -> None:
    book = _form()
    _put(book["Kesehatan"], 6, ROW)
    content = _bytes(book)
    spoiled = [
        content[:at] + bytes([content[at] ^ 0x5A]) + content[at + 1 :] for at in range(0, len(content), 97)
    ]
    # how each member is packed, and its sizes and place, in the archive's directory
    for entry in re.finditer(b"PK\1\2", content):
        for field in (20, 24, 42):
            at = entry.start() + field
            changed = [content[:at] + struct.pack("<I", n) + content[at + 4 :] for n in (0, 60_000, 2**31)]
            unpacked = entry.start() + 10
            spoiled += changed + [text[:unpacked] + b"\0\0" + text[unpacked + 2 :] for text in changed]
    for damaged in spoiled:
        workbook.read(RawFile("x.xlsx", damaged), SPEC)


def test_links_to_files_are_named_and_those_to_pages_are_counted() -> None:
    book = _form()
    page = book["Kesehatan"]
    _put(page, 6, ROW)
    links = (
        "Lampiran%20TW1.pdf",
        "D:\\bukti.pdf",
        "https://a.go.id/1",
        "http://a.go.id/2",
        "mailto:a@a.go.id",
    )
    for row, target in enumerate(links, start=10):
        page.cell(row, 12).hyperlink = target
    read = workbook.read(RawFile("x.xlsx", _bytes(book)), SPEC)
    assert unread_of(read) == [
        Unread("DOC-023", "Kesehatan!L10", "Lampiran%20TW1.pdf"),
        Unread("DOC-023", "Kesehatan!L11", "D:\\bukti.pdf"),
        Unread("", "Kesehatan", "Kesehatan (2 tautan / links)"),
    ]
