"""A code means one government; which state of it is valid depends on the day."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.registry.regions import (
    all_states,
    current_code,
    regions_on,
    state_on,
)
from pipelines.registry.seeds import RegistryError

LAST_DAY_OF_2024 = date(2024, 12, 31)


def test_552_regions_are_valid_at_the_end_of_2024():
    assert len(regions_on(LAST_DAY_OF_2024)) == 38 + 514


@pytest.mark.parametrize(
    ("code", "today"),
    [
        pytest.param("92.71", "96.71", id="moved-to-a-new-province"),
        pytest.param("64.73", "65.71", id="moved-in-2012"),
        pytest.param("81.03", "81.03", id="renamed-only"),
        pytest.param("92", "92", id="parent-of-a-split"),
        pytest.param("64.71", "64.71", id="never-changed"),
    ],
)
def test_a_recode_moves_the_code_while_a_rename_and_a_split_keep_it(code, today):
    assert current_code(code) == today


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        pytest.param("96.71", date(2022, 12, 7), "92.71", id="the-day-before-the-move"),
        pytest.param("92.71", date(2022, 12, 8), "96.71", id="the-day-of-the-move"),
        pytest.param("76.06", date(2010, 3, 31), None, id="not-yet-founded"),
        pytest.param("99.99", LAST_DAY_OF_2024, None, id="never-issued"),
    ],
)
def test_a_code_of_another_time_leads_to_the_state_of_the_day(code, day, expected):
    state = state_on(code, day)
    assert (state and state.region_code) == expected


def test_a_state_bears_the_name_its_province_had_on_its_last_day():
    names = {
        (s.region_name, s.province_name) for s in all_states() if s.region_code in ("92", "92.03", "91.01")
    }
    assert names == {
        ("Irian Jaya Barat", "Irian Jaya Barat"),
        ("Papua Barat", "Papua Barat"),
        ("Kabupaten Fak Fak", "Papua Barat"),
        ("Kabupaten Merauke", "Papua"),
    }


def test_days_before_the_horizon_are_refused():
    with pytest.raises(RegistryError, match="known from 2005-01-01 on"):
        regions_on(date(2004, 12, 31))
