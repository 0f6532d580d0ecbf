"""Who is expected to report is a roster: the law's by default, the ministry's where a method says so."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipelines.registry.periods import Period
from pipelines.registry.rosters import expected_reporters
from tests.registry import seeds_with

THOUSAND_ISLANDS = "31.01"


@pytest.fixture(scope="module")
def of_the_ministry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry with the roster `espm` as the policy of the method."""
    return seeds_with(tmp_path_factory.mktemp("espm"), "methods", "exclude,autonomous", "exclude,espm")


def test_by_default_the_autonomous_regions_are_expected() -> None:
    levels = Counter(region.level for region in expected_reporters(Period(2024, 3)))
    assert levels == {"province": 38, "regency": 415, "city": 93}


def test_the_ministry_counts_547_from_2024_q3(of_the_ministry: Path) -> None:
    levels = Counter(region.level for region in expected_reporters(Period(2024, 3), of_the_ministry))
    assert levels == {"province": 38, "regency": 416, "city": 93}


@pytest.mark.parametrize(
    ("period", "more"),
    [
        pytest.param(Period(2012, 4), set(), id="before-any-method"),
        pytest.param(Period(2024, 2), set(), id="the-quarter-before"),
        pytest.param(Period(2024, 3), {THOUSAND_ISLANDS}, id="the-first-quarter"),
        pytest.param(Period(2026, 4), {THOUSAND_ISLANDS}, id="since"),
    ],
)
def test_kepulauan_seribu_is_what_the_ministry_counts_more(
    period: Period, more: set[str], of_the_ministry: Path
) -> None:
    by_law, counted = expected_reporters(period), expected_reporters(period, of_the_ministry)
    assert {region.region_code for region in counted} - {region.region_code for region in by_law} == more
    assert set(by_law) <= set(counted)
