"""A form that is sent back changes what was entered in it; as it was handed out it changes nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.registry.catalogue import services_owed
from pipelines.registry.forms import current_form
from pipelines.registry.periods import Period
from pipelines.reports.region_form import write_region_form
from pipelines.settings import Settings
from tests.integration.home import RECEIVED, document, publish_periods, published, put, restated, settings_of

CITY, OTHER, PERIOD, LATER = "64.71", "64.72", "2024-Q3", "2024-Q4"
FACTS = (
    *("fct_indicator", "fct_budget", "fct_stage", "fct_problem", "mart_budget", "mart_stage", "mart_award"),
    *("mart_service_score", "mart_sector_score", "mart_region_score", "mart_national_score", "mart_finding"),
    *("mart_peer", "mart_projection", "mart_rank_stability", "mart_compliance_summary"),
)
PROVENANCE = {"submission_id", "source_ref", "target_source_ref"}
AGE = {"status", "message_id", "message_en"}
"""Of a finding: how long it has been known, and its sentence, which names the cell."""


def _sent() -> list[dict[str, str]]:
    """A report as regions send them: some services with a quality item or two, words for nothing, money."""
    rows: list[dict[str, str]] = []
    owed = services_owed("regency_city", Period.parse(PERIOD))
    for number, service in enumerate(owed[:24]):
        row = {"record": "achievement", "service": service.service_code, "target": "1000"}
        rows.append(row | {"component": "recipients", "realised": str(500 + 17 * number), "unit": "Orang"})
        item = {"component": "goods_services", "item": f"{service.service_code}.01", "target": "40"}
        rows.append(row | item | {"realised": str(10 + number)})
        rows.append(
            row | {"component": "personnel", "item": "Petugas harian", "target": "8", "realised": "7"}
        )
    said: dict[str, tuple[str, str]] = {
        owed[24].service_code: ("tidak ada", ""),
        owed[25].service_code: ("80", "na"),
        owed[26].service_code: ("0", "0"),
    }
    for code, (target, realised) in said.items():
        row = {"record": "achievement", "service": code, "component": "recipients"}
        rows.append(row | {"target": target, "realised": realised})
    for part, target, realised in (("akses dasar", "14226", "13037"), ("akses aman", "11337", "3450")):
        row = {"record": "achievement", "service": owed[27].service_code, "component": "recipients"}
        rows.append(row | {"item": part, "unit": "rumah", "target": target, "realised": realised})
    rows += [
        {"record": "budget", "sector": "sosial", "target": "1250000000.5", "realised": "900000000.25"},
        {"record": "budget", "service": owed[0].service_code, "target": "5000000000", "realised": "na"},
        {"record": "stage", "sector": "sosial", "item": "planning", "target": "100", "realised": "62.5"},
        {"record": "problem", "sector": "sosial", "item": "anggaran", "note": "Pagu kurang"},
        {"record": "team", "item": "SK tim", "realised": "1"},
    ]
    return rows


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose release has the report of one city, and something of another."""
    folder = tmp_path_factory.mktemp("first")
    settings = settings_of(folder)
    assert settings.sources_file is not None
    with settings.sources_file.open("a", encoding="utf-8") as file:
        file.write("- name: forms\n  kind: workbook\n  path: inbox/**/*.xlsx\n")
    city = [{**row, "region": CITY, "period": PERIOD} for row in _sent()]
    other = [{**row, "region": OTHER, "period": PERIOD} for row in _sent()[:9]]
    put(folder / "inbox" / "city.csv", document(city))
    put(folder / "inbox" / "other.csv", document(other))
    put(folder / "inbox" / "later.csv", document([{**row, "period": LATER} for row in other]))
    publish_periods(settings, [PERIOD, LATER])
    return settings


def _copy(first: Settings, folder: Path) -> Settings:
    shutil.copytree(first.home.parent, folder, dirs_exist_ok=True, symlinks=True)
    return replace(first, home=folder / "home", sources_file=folder / "sources.yaml")


def _cells(settings: Settings, table: str) -> dict[str, dict[str, Any]]:
    left_out = PROVENANCE | (AGE if table == "mart_finding" else set())
    rows = [
        {name: value for name, value in row.items() if name not in left_out}
        for row in published(settings, table)
        if table != "mart_finding" or row["status"] != "fixed"
    ]
    return {repr(sorted(row.items(), key=str)): row for row in rows}


def _changed(before: Settings, after: Settings) -> dict[str, list[dict[str, Any]]]:
    """For each table the rows that only one of two releases has."""
    found = {}
    for table in FACTS:
        old, new = _cells(before, table), _cells(after, table)
        if old.keys() != new.keys():
            found[table] = [{**old, **new}[key] for key in sorted(old.keys() ^ new.keys())]
    return found


def _form(first: Settings, folder: Path, region: str = CITY, period: str = PERIOD) -> Path:
    return write_region_form(region, Period.parse(period), folder, first.published)


@pytest.mark.parametrize(
    ("region", "period"),
    [
        pytest.param(CITY, PERIOD, id="what-was-reported"),
        pytest.param(OTHER, PERIOD, id="the-little-that-was-reported", marks=pytest.mark.slow),
        pytest.param(CITY, LATER, id="a-later-quarter-with-targets-and-no-results"),
        pytest.param("64.74", PERIOD, id="a-region-that-never-reported", marks=pytest.mark.slow),
    ],
)
def test_a_form_sent_back_as_it_was_handed_out_changes_no_published_cell(
    first: Settings, tmp_path: Path, region: str, period: str
) -> None:
    settings = _copy(first, tmp_path)
    path = _form(first, tmp_path, region, period)
    put(tmp_path / "inbox" / path.name, path.read_bytes(), RECEIVED + timedelta(days=1))
    path.unlink()
    publish_periods(settings, [PERIOD, LATER])
    changed = _changed(first, settings)
    # that it came late is told, that it replaced what another source sent, and a target without a result
    told = {row["rule_id"] for row in changed.pop("mart_finding", [])}
    assert told <= ({"TIM-002", "WHO-002", "VAL-008"} if period == LATER else {"TIM-002", "WHO-002"})
    assert changed == {}
    # that one more document came is counted
    changed_columns = {row["column_name"] for row in restated(settings)}
    assert changed_columns <= {"documents_accepted"}


def test_what_was_changed_in_a_form_is_all_that_changes(first: Settings, tmp_path: Path) -> None:
    settings = _copy(first, tmp_path)
    path = _form(first, tmp_path)
    service = services_owed("regency_city", Period.parse(PERIOD))[0]
    book = openpyxl.load_workbook(path)
    sheet = next(
        one
        for one in current_form().sheets
        if one.sector == service.sector_code and one.record == "achievement"
    )
    at = {column.field: place for place, column in enumerate(sheet.columns, start=1)}
    page = book[sheet.name]
    row = next(
        number
        for number in range(sheet.header_row + 1, page.max_row)
        if page.cell(number, at["service"]).value == service.service_code
        and page.cell(number, at["realised"]).value == 500
    )
    page.cell(row, at["realised"]).value = 600
    book.save(path)
    put(tmp_path / "inbox" / path.name, path.read_bytes(), RECEIVED + timedelta(days=1))
    path.unlink()
    publish_periods(settings, [PERIOD, LATER])
    changed = _changed(first, settings)
    assert {row["service_code"] for row in changed["fct_indicator"]} == {service.service_code}
    assert {row["service_code"] for row in changed["mart_service_score"]} == {service.service_code}
    assert {row["sector_code"] for row in changed["mart_sector_score"]} == {service.sector_code}
    assert {"fct_budget", "fct_stage", "fct_problem"}.isdisjoint(changed)
