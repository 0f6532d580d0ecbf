"""Until its window has closed a period is interim, and so is a figure of the press read off before that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.build.plan import plan_run
from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period
from pipelines.settings import Settings
from tests.integration.home import build_marts, document, publish_periods, published, put, query, settings_of

OPEN, CLOSED = datetime(2025, 1, 20, 16, 59, tzinfo=UTC), datetime(2025, 1, 20, 17, 0, tzinfo=UTC)
"""The last minute of the window of 2024-Q4 in Jakarta, and the first after it."""
PERIODS = ("2024-Q3", "2024-Q4")
FALLS = {"VAL-004", "ITM-004"}
"""Served fewer than in the quarter before, and a quality item of it left out."""


def _report(period: str, served: str) -> list[dict[str, str]]:
    owed = services_owed("regency_city", Period.parse(period))
    row = {"record": "achievement", "region": "64.71", "period": period, "target": "100", "realised": served}
    return [{**row, "service": one.service_code, "component": "recipients"} for one in owed]


def _of(settings: Settings, table: str, period: str, region: str = "64.71") -> list[dict[str, Any]]:
    return [
        row for row in published(settings, table) if (row["region_code"], row["period"]) == (region, period)
    ]


@pytest.fixture(scope="module")
def while_open(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("interim")
    settings = replace(settings_of(folder), now=OPEN)
    item = {**_report("2024-Q3", "5")[0], "component": "personnel", "item": "Bidan"}
    put(folder / "inbox" / "all.csv", document([*_report("2024-Q3", "90"), item, *_report("2024-Q4", "80")]))
    publish_periods(settings, PERIODS)
    return settings


def test_while_the_window_is_open_a_period_is_scored_and_not_ranked(while_open: Settings) -> None:
    (before,), (now,) = (_of(while_open, "mart_region_score", period) for period in PERIODS)
    assert (before["is_interim"], before["is_ranked"], before["rank_national"]) == (False, True, 1)
    assert (now["is_interim"], now["is_ranked"], now["rank_national"]) == (True, False, None)
    assert now["index"] == Decimal(64)
    assert not FALLS & {row["rule_id"] for row in _of(while_open, "mart_finding", "2024-Q4")}


def test_once_it_has_closed_a_run_without_a_new_document_ranks_it(while_open: Settings) -> None:
    settings = replace(while_open, now=CLOSED)
    plan = plan_run(settings, PERIODS)
    assert (list(plan.build), plan.unchanged) == (["2024-Q4"], ["2024-Q3"])
    assert plan_run(while_open, PERIODS).build == {}
    publish_periods(settings, ["2024-Q4"])
    (now,) = _of(settings, "mart_region_score", "2024-Q4")
    assert (now["is_interim"], now["is_ranked"], now["rank_national"], now["rank_change"]) == (
        False,
        True,
        1,
        0,
    )
    assert {row["rule_id"] for row in _of(settings, "mart_finding", "2024-Q4")} >= FALLS


def _printed(region: str, realised: str, **others: str) -> dict[str, str]:
    row = {"record": "published_index", "region": region, "period": "2024-Q4", "realised": realised}
    return row | others


PRINTED = [
    _printed("63.09", "97", snapshot_on="2025-01-02"),
    _printed("63.09", "98", snapshot_on="2025-01-05"),  # while the window was open
    _printed("63.08", "90", snapshot_on="2025-02-05"),
    _printed("33.15", "85.47", measure="kinerja"),
    _printed("32.04", "76.25", measure="edu", sector="pendidikan"),
    _printed("32.01", "70"),
    _printed("64.02", "95", note="Angka sementara, masih berjalan"),
    _printed("64.03", "96", note="angka sementara", snapshot_on="2025-02-05"),  # the day is what counts
]


@pytest.fixture(scope="module")
def press() -> Path:
    return build_marts(PRINTED, models=["mart_region_score", "mart_national_score", "fct_published_index"])


def test_a_figure_that_was_read_off_while_the_window_was_open_is_interim(press: Path) -> None:
    found = query(
        "select region_code, index, is_interim, rank_national from marts.mart_region_score"
        " where index is not null order by region_code",
        press,
    )
    assert [tuple(row.values()) for row in found] == [
        ("32.01", 70, False, 3),
        ("63.08", 90, False, 2),
        ("63.09", 98, True, None),
        ("64.02", 95, True, None),
        ("64.03", 96, False, 1),
    ]


def test_figures_of_another_measure_are_kept_apart(press: Path) -> None:
    found = query(
        "select region_code, measure, index from marts.fct_published_index"
        " where measure <> 'capaian' order by region_code",
        press,
    )
    assert [tuple(row.values()) for row in found] == [
        ("32.04", "edu", Decimal("76.25")),
        ("33.15", "kinerja", Decimal("85.47")),
    ]


def test_a_mean_over_few_regions_has_its_coverage_and_no_band(press: Path) -> None:
    (found,) = query(
        "select index, band_code, regions_with_index, regions_expected, coverage"
        " from marts.mart_national_score where scope = 'national'",
        press,
    )
    assert list(found.values()) == [Decimal("89.8"), None, 5, 546, Decimal("0.009158")]
