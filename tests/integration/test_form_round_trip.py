"""What is written into the form comes back from it: same rows, same texts, in cells that Excel can go to."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest

from pipelines.readers.reading import read_documents
from pipelines.registry.catalogue import quality_items, services_owed
from pipelines.registry.periods import Period
from pipelines.reports.form import FormError, write_form
from pipelines.reports.form_rows import owed_rows
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import COLUMNS, RawFile, Reject

SPEC = ReadingSpec(name="daerah", kind="workbook")
ACHIEVEMENT = {
    "record": "achievement",
    "sector": "kesehatan",
    "service": "K-KES-01",
    "component": "goods_services",
}
ROWS: list[dict[str, str]] = [
    {**ACHIEVEMENT, "component": "recipients", "target": "1200", "realised": "1150.5", "unit": "Orang"},
    {**ACHIEVEMENT, "item": "K-KES-01.01", "target": "-1234", "realised": "0", "note": "=1+1"},
    {**ACHIEVEMENT, "item": "Jumlah kelas ibu", "target": "1.234,5", "realised": "na"},
    {**ACHIEVEMENT, "item": "=HYPERLINK(1)", "target": "007", "realised": "1.50"},
    {**ACHIEVEMENT, "item": "<r>tebal</r>", "realised": "5"},
    {**ACHIEVEMENT, "item": "@x", "target": "123456789012345", "realised": "1234567890123456"},
    {**ACHIEVEMENT, "item": "_x0041_", "target": "0.001", "realised": "-0"},
    {"record": "budget", "sector": "sosial", "service": "K-SOS-01", "unit": "rupiah", "target": "1250000000"},
    {
        "record": "stage",
        "sector": "sosial",
        "item": "planning",
        "unit": "percent",
        "target": "100",
        "realised": "99.9",
    },
    {"record": "problem", "sector": "sosial", "item": "anggaran", "note": "dua\nbaris"},
    {"record": "team", "item": "SK tim", "realised": "tidak ada"},
    {"record": "action_plan", "sector": "kesehatan", "item": "Rencana 2025", "target": "1"},
]


def _written(rows: list[dict[str, str]], **options: Any) -> bytes:
    buffer = io.BytesIO()
    fixed = {"region_code": "64.71", "region_name": "Kota Balikpapan", "period": "2024-Q4"}
    write_form(buffer, rows=rows, **fixed, **options)
    return buffer.getvalue()


def _read(*contents: bytes, workers: int = 1) -> Iterator[list[dict[str, Any]]]:
    files = [RawFile(f"{number}.xlsx", content) for number, content in enumerate(contents)]
    for (file, reading), expected in zip(read_documents(files, SPEC, workers), files, strict=True):
        assert file is expected
        assert not isinstance(reading, Reject), reading
        yield reading.to_pylist()


@pytest.mark.parametrize("version", ["spm-2", "spm-3", "spm-4"])
@pytest.mark.parametrize("numbers_as_text", [False, True])
def test_rows_come_back_as_they_went_in(version: str, numbers_as_text: bool) -> None:
    (back,) = _read(_written(ROWS, version=version, numbers_as_text=numbers_as_text))
    told = [{name: row[name] for name in COLUMNS if row[name]} for row in back]
    assert told == [{**row, "region": "64.71", "period": "2024-Q4"} for row in ROWS]
    assert any(row["target_is_number"] for row in back) is not numbers_as_text


def test_every_place_is_the_cell_that_excel_shows() -> None:
    content = _written(ROWS)
    book = openpyxl.load_workbook(io.BytesIO(content))
    (back,) = _read(content)
    for row in back:
        for field in ("target", "realised"):
            if row[f"{field}_place"]:
                sheet, cell = row[f"{field}_place"].split("!")
                shown = book[sheet][cell].value
                assert (str(shown) if shown is not None else "") == row[field]


def test_no_text_becomes_a_formula_and_a_negative_number_stays_one() -> None:
    page = openpyxl.load_workbook(io.BytesIO(_written(ROWS)))["Kesehatan"]
    cells = {cell.value: cell.data_type for row in page.iter_rows() for cell in row}
    assert (cells["=1+1"], cells["=HYPERLINK(1)"], cells[-1234]) == ("s", "s", "n")


@pytest.mark.parametrize("tier", ["province", "regency_city"])
def test_an_empty_form_asks_for_all_that_is_owed(tier: str) -> None:
    period = Period(2024, 4)
    (back,) = _read(_written(owed_rows(tier, period)))
    asked = [(row["service"], row["item"]) for row in back if row["record"] == "achievement"]
    services = services_owed(tier, period)
    assert {service for service, item in asked if not item} == {service.service_code for service in services}
    assert [item for _, item in asked if item] == [
        item.item_code for service in services for item in quality_items(service.service_code, period)
    ]
    assert {row["target"] + row["realised"] for row in back} == {""}
    assert sum(row["record"] == "stage" for row in back) == 4 * len(
        {service.sector_code for service in services}
    )


def test_only_what_is_to_be_filled_in_can_be_typed_over() -> None:
    rows = owed_rows("regency_city", Period(2024, 4))
    page = openpyxl.load_workbook(io.BytesIO(_written(rows)))["Kesehatan"]
    assert page.protection.sheet
    labels = {cell.column: cell.value for cell in page[5]}
    given, added = ({labels[c.column] for c in page[n] if not c.protection.locked} for n in (6, page.max_row))
    assert given == {"Satuan", "Target", "Realisasi", "Catatan"}
    assert set(labels.values()) - added == {"Target terakhir", "Realisasi terakhir", "Triwulan terakhir"}


def test_no_sheet_can_be_deleted_or_renamed() -> None:
    assert openpyxl.load_workbook(io.BytesIO(_written(ROWS))).security.lockStructure


def test_the_same_form_has_the_same_bytes_on_any_day() -> None:
    content = _written(ROWS)
    assert content == _written(ROWS)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"2019-01-01T00:00:00Z</dcterms:modified>" in archive.read("docProps/core.xml")


def test_the_time_of_sending_goes_with_every_row() -> None:
    (back,) = _read(_written(ROWS, submitted_at="2025-01-09T10:00:00+07:00"))
    assert {row["submitted_at"] for row in back} == {"2025-01-09T10:00:00+07:00"}


def test_many_documents_come_back_in_order_whatever_the_number_of_workers() -> None:
    contents = [_written([{**ROWS[0], "target": str(number)}]) for number in range(20)]
    assert [rows[0]["target"] for rows in _read(*contents, workers=2)] == [
        str(number) for number in range(20)
    ]


@pytest.mark.parametrize(
    ("row", "options", "said"),
    [
        pytest.param({"record": "problem", "target": "1"}, {}, "target", id="no-column"),
        pytest.param({"record": "achievement", "service": "X-1"}, {}, "no sheet", id="no-sector"),
        pytest.param({"record": "published_index"}, {}, "no sheet", id="no-sheet"),
        pytest.param({"record": "problem", "note": "x" * 40_000}, {}, "32,767", id="too-long"),
        pytest.param(ROWS[0], {"version": "spm-9"}, "spm-9", id="unknown-version"),
    ],
)
def test_what_the_form_cannot_hold_is_refused_not_lost(
    row: dict[str, str], options: dict[str, str], said: str
) -> None:
    with pytest.raises(FormError, match=said):
        _written([row], **options)
