"""A form starts from what was accepted of its region: all of it for a revision, targets for a new quarter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.readers.documents import workbook
from pipelines.registry.forms import current_form
from pipelines.registry.periods import Period
from pipelines.reports.region_form import write_region_form
from pipelines.settings import Settings
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject
from tests.integration.home import document, publish_periods, put, settings_of

CITY = "64.71"
PERIODS = ("2023-Q4", "2024-Q1", "2024-Q2")
RECIPIENTS = {"record": "achievement", "component": "recipients"}
ITEM = {"record": "achievement", "component": "goods_services", "unit": "set"}
SENT: list[dict[str, str]] = [
    {**RECIPIENTS, "period": "2023-Q4", "service": "K-PEND-01", "target": "100", "realised": "90"},
    {**RECIPIENTS, "period": "2023-Q4", "service": "K-KES-01", "target": "50", "realised": "50"},
    {
        **ITEM,
        "period": "2023-Q4",
        "service": "K-PEND-01",
        "item": "Meja lama",
        "target": "7",
        "realised": "7",
    },
    {**RECIPIENTS, "period": "2024-Q1", "service": "K-PEND-01", "target": "120", "realised": "30"},
    {**RECIPIENTS, "period": "2024-Q1", "service": "K-KES-02", "target": "tidak ada"},
    {**RECIPIENTS, "period": "2024-Q1", "service": "K-SOS-01", "target": "80", "realised": "na"},
    {
        **ITEM,
        "period": "2024-Q1",
        "service": "K-SOS-01",
        "item": "Kursi roda",
        "target": "4",
        "realised": "1",
    },
    {
        "record": "budget",
        "period": "2024-Q1",
        "service": "K-SOS-01",
        "target": "1250000000.5",
        "realised": "12345678901234567",
    },
    {
        **RECIPIENTS,
        "period": "2024-Q2",
        "service": "K-PEND-01",
        "target": "125",
        "realised": "0",
        "unit": "Orang",
    },
    {
        **ITEM,
        "period": "2024-Q2",
        "service": "K-PEND-01",
        "item": "Tas sekolah",
        "target": "0.125",
        "realised": "0.123456789012",
    },
    {
        "record": "stage",
        "period": "2024-Q2",
        "sector": "pendidikan",
        "item": "planning",
        "target": "100",
        "realised": "na",
    },
    {"record": "problem", "period": "2024-Q2", "sector": "pendidikan", "item": "anggaran", "note": "Kurang"},
    {"record": "team", "period": "2024-Q2", "sector": "pendidikan", "item": "SK tim", "realised": "1"},
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with three published quarters of one city."""
    folder = tmp_path_factory.mktemp("prefilled")
    for period in PERIODS:
        rows = [{**row, "region": CITY} for row in SENT if row["period"] == period]
        put(folder / "inbox" / f"{period}.csv", document(rows))
    home = settings_of(folder)
    publish_periods(home, PERIODS)
    return home


def _form(settings: Settings, period: str, folder: Path) -> Path:
    return write_region_form(CITY, Period.parse(period), folder, settings.published)


def _read(path: Path) -> list[dict[str, Any]]:
    table = workbook.read(RawFile(path.name, path.read_bytes()), ReadingSpec(name="daerah", kind="workbook"))
    assert not isinstance(table, Reject), table
    return table.to_pylist()


def _values(rows: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (row["service"], row["item"]): (row["target"], row["realised"])
        for row in rows
        if row["record"] == "achievement" and (row["target"] or row["realised"])
    }


def _last(path: Path, sheet: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """The reference columns, by service and what stands in the column of the item."""
    page = openpyxl.load_workbook(path)[sheet]
    layout = next(each for each in current_form().sheets if each.name == sheet)
    at = {column.field: place for place, column in enumerate(layout.columns)}
    item = at.get("item_name", at["item"])
    fields = ("last_target", "last_realised", "last_period")
    return {
        (row[at["service"]], row[item] or ""): tuple(
            "" if row[at[field]] is None else str(row[at[field]]) for field in fields
        )
        for row in page.iter_rows(min_row=layout.header_row + 1, values_only=True)
        if row[at["last_period"]]
    }


def test_a_form_for_an_accepted_quarter_holds_all_that_was_accepted(
    settings: Settings, tmp_path: Path
) -> None:
    rows = _read(_form(settings, "2024-Q2", tmp_path))
    assert _values(rows) == {
        ("K-PEND-01", ""): ("125", "0"),
        ("K-PEND-01", "Tas sekolah"): ("0.125", "0.123456789012"),
        ("K-SOS-01", ""): ("80", ""),
        ("K-SOS-01", "Kursi roda"): ("4", ""),
    }
    others = [
        row
        for row in rows
        if row["record"] != "achievement" and (row["target"] or row["realised"] or row["note"])
    ]
    assert [
        [row[name] for name in ("record", "sector", "item", "target", "realised", "note")] for row in others
    ] == [
        ["budget", "sosial", "", "1250000000.5", "", ""],
        ["stage", "pendidikan", "planning", "100", "na", ""],
        ["problem", "pendidikan", "anggaran", None, None, "Kurang"],
        ["team", "pendidikan", "SK tim", "", "1", ""],
    ]
    assert next(row["unit"] for row in rows if row["service"] == "K-PEND-01") == "Orang"


def test_a_form_for_a_later_quarter_of_the_year_holds_targets_and_no_results(
    settings: Settings, tmp_path: Path
) -> None:
    rows = _read(_form(settings, "2024-Q3", tmp_path))
    assert _values(rows) == {
        ("K-PEND-01", ""): ("125", ""),
        ("K-PEND-01", "Tas sekolah"): ("0.125", ""),
        ("K-SOS-01", ""): ("80", ""),
        ("K-SOS-01", "Kursi roda"): ("4", ""),
    }
    assert {row["realised"] or "" for row in rows} == {""}
    assert {row["record"] for row in rows} == {"achievement", "budget", "stage"}


def test_a_form_of_a_new_year_holds_no_values_but_shows_the_last_ones(
    settings: Settings, tmp_path: Path
) -> None:
    path = _form(settings, "2025-Q1", tmp_path)
    rows = _read(path)
    assert {(row["target"] or "") + (row["realised"] or "") for row in rows} == {""}
    assert [row["row_place"] for row in rows if row["item"] == "Tas sekolah"]
    assert _last(path, "Pendidikan") == {
        ("K-PEND-01", ""): ("125", "0", "2024-Q2"),
        ("K-PEND-01", "Tas sekolah"): ("0.125", "0.123456789012", "2024-Q2"),
    }
    assert _last(path, "Kesehatan") == {
        ("K-KES-01", ""): ("50", "50", "2023-Q4"),
        ("K-KES-02", ""): ("tidak ada", "", "2024-Q1"),
    }
    assert _last(path, "Anggaran") == {("K-SOS-01", ""): ("1250000000.5", "12345678901234567", "2024-Q1")}


def test_a_form_knows_nothing_of_quarters_after_its_own(settings: Settings, tmp_path: Path) -> None:
    path = _form(settings, "2023-Q4", tmp_path)
    assert _values(_read(path))["K-PEND-01", ""] == ("100", "90")
    assert {period for *_, period in _last(path, "Pendidikan").values()} == {"2023-Q4"}


def test_an_item_that_its_sector_left_out_of_its_last_report_is_not_asked_for_again(
    settings: Settings, tmp_path: Path
) -> None:
    assert "Meja lama" not in {row["item"] for row in _read(_form(settings, "2024-Q2", tmp_path))}
    assert "Meja lama" in {row["item"] for row in _read(_form(settings, "2023-Q4", tmp_path))}


def test_the_same_release_gives_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    one, two = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    for path in (one, two):
        write_region_form(CITY, Period(2024, 2), path, settings.published)
    assert one.read_bytes() == two.read_bytes()


def test_without_a_release_the_form_asks_and_tells_nothing(tmp_path: Path) -> None:
    path = write_region_form(CITY, Period(2024, 2), tmp_path, tmp_path / "published")
    assert {(row["target"] or "") + (row["realised"] or "") for row in _read(path)} == {""}
    assert not _last(path, "Pendidikan")
