"""A code means one government; which state of it is valid depends on the day."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.registry.regions import (
    all_states,
    current_code,
    expected_reporters,
    regions_on,
    state_on,
)
from pipelines.registry.seeds import SEEDS, RegistryError

LAST_DAY_OF_2024 = date(2024, 12, 31)


def test_38_provinces_and_508_autonomous_regencies_and_cities_owe_a_report_for_2024_q4():
    reporters = expected_reporters(LAST_DAY_OF_2024)
    provinces = [region for region in reporters if region.level == "province"]
    assert (len(provinces), len(reporters) - len(provinces)) == (38, 508)
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


@pytest.fixture
def seeds_with(tmp_path):
    """A copy of the two tables with one text replaced."""

    def write(file: str, old: str, new: str):
        for name in ("regions.csv", "region_changes.csv"):
            (tmp_path / name).write_text((SEEDS / name).read_text(encoding="utf-8"), encoding="utf-8")
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / file).write_text(text.replace(old, new), encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "regions.csv",
            "64.71,Kota Balikpapan,city,64",
            "64.71,Kota Balikpapan,city,60",
            r"csv:\d+: 64\.71: 0 provinces",
        ),
        (
            "regions.csv",
            "64.71,Kota Balikpapan,city",
            "64.71,Kota Balikpapan,kota",
            r"csv:\d+: level: 'kota' is not",
        ),
        ("regions.csv", "2020-02-26", "26/02/2020", r"regions\.csv:\d+: valid_to: cannot read '26/02/2020'"),
        ("region_changes.csv", "92.71,96.71", "96.01,92.01", "recodes run in a circle"),
        ("region_changes.csv", "92.71,96.71", "92.01,96.71", "92.01 is recoded twice"),
    ],
)
def test_a_fault_in_the_tables_is_named(seeds_with, file, old, new, message):
    with pytest.raises(RegistryError, match=message):
        all_states(seeds_with(file, old, new))
