"""Published report cards come out as they were printed: index, band, rank, and what does not add up.

The figures are those of the press and of a provincial secretariat, 2022 and 2023:
`spm_sample/published_figures`.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.build.record import RunOutcome
from pipelines.cli.demo import PUBLISHED_FIGURES
from pipelines.cli.runs import run_periods
from pipelines.registry.periods import parse_range
from pipelines.settings import Settings
from tests.integration.home import NOW, published

CASES = Path(__file__).resolve().parents[1] / "fixtures" / "cases"
EXPECTED = list(csv.DictReader((CASES / "expected.csv").read_text(encoding="utf-8").splitlines()))
ASKED = [str(period) for period in parse_range("2021-Q4..2023-Q2")]
CODES = {
    "Kota Mojokerto": "35.76",
    "Kabupaten Sidenreng Rappang": "73.14",
    "Provinsi Sulawesi Selatan": "73",
    "Kota Kotamobagu": "71.74",
    "Kota Palangkaraya": "62.71",
    "Kabupaten Lamandau": "62.09",
    "Kabupaten Kotawaringin Barat": "62.01",
    "Kalimantan Tengah": "62",
    "Jawa Tengah": "33",
    "Sulawesi Selatan": "73",
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(tmp_path_factory.mktemp("home"), PUBLISHED_FIGURES, workers=1, now=NOW)


@pytest.fixture(scope="module", autouse=True)
def outcome(settings: Settings) -> RunOutcome:
    """The job as `spm run` runs it."""
    return run_periods(settings, ASKED)


def _score(settings: Settings, name: str, period: str) -> dict[str, object]:
    at = (CODES[name], period)
    rows = [
        row for row in published(settings, "mart_region_score") if (row["region_code"], row["period"]) == at
    ]
    assert len(rows) == 1, f"{at}: {len(rows)} rows"
    return rows[0]


def test_the_periods_that_something_was_printed_of_are_published(outcome: RunOutcome) -> None:
    assert outcome.published == ["2021-Q4", "2022-Q4", "2023-Q2"]
    assert outcome.closed == {}
    assert outcome.skipped == ["2022-Q1", "2022-Q2", "2022-Q3", "2023-Q1"]


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: f"{case['region_name']} {case['period']}")
def test_a_printed_report_card_comes_out(settings: Settings, case: dict[str, str]) -> None:
    row = _score(settings, case["region_name"], case["period"])
    assert abs(row["index"] - Decimal(case["region_index"])) <= Decimal(case["tolerance"])
    assert (row["band_name"], row["basis"], row["is_ranked"]) == (case["band"], "published", True)


@pytest.mark.parametrize(
    ("name", "rank"),
    [("Kota Palangkaraya", 1), ("Kabupaten Lamandau", 2), ("Kabupaten Kotawaringin Barat", 3)],
)
def test_regencies_and_cities_are_ranked_together_within_their_province(
    settings: Settings, name: str, rank: int
) -> None:
    row = _score(settings, name, "2021-Q4")
    assert (row["rank_province"], row["n_province"]) == (rank, 3)


def test_two_provinces_at_100_share_the_first_rank_and_the_next_is_third(settings: Settings) -> None:
    ranks = {
        name: [_score(settings, name, "2021-Q4")[column] for column in ("rank_national", "tie_size")]
        for name in ("Jawa Tengah", "Sulawesi Selatan", "Kalimantan Tengah")
    }
    assert ranks == {"Jawa Tengah": [1, 2], "Sulawesi Selatan": [1, 2], "Kalimantan Tengah": [3, 1]}


def test_a_total_unlike_its_parts_is_a_finding_with_both_numbers_at_its_line(settings: Settings) -> None:
    lines = PUBLISHED_FIGURES.with_name("published_index.csv").read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, start=1) if "Kotamobagu,2022-Q4,,,," in text)
    found = [row for row in published(settings, "mart_finding") if row["rule_id"] == "RECON-001"]
    assert [(row["region_code"], row["period"], row["severity"]) for row in found] == [
        ("71.74", "2022-Q4", "warning")
    ], "and none for Mojokerto, whose 98.86 is 98.8633 as printed"
    assert found[0]["source_ref"].split(":")[1] == f"L{line}"
    # each language writes a number its own way
    assert "total 86,43 / 83,2017" in found[0]["message_id"]
    assert "total 86.43 / 83.2017" in found[0]["message_en"]


def test_a_sector_mean_counts_the_regions_behind_it_and_not_the_totals_without_parts(
    settings: Settings,
) -> None:
    counted = {
        row["scope"]: (row["regions_reported"], row["regions_with_index"], row["regions_from_press"])
        for row in published(settings, "mart_national_score")
        if row["period"] == "2021-Q4"
    }
    # a figure of the press is no report
    assert (counted["national"], counted["pendidikan"]) == ((0, 10, 10), (0, 1, 1))
