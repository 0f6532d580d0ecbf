"""Methods and windows are data; a draft scores nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pipelines.provenance.registry import registry_digest
from pipelines.registry.methods import MethodNotFoundError, method_for, methods, unverified_methods
from pipelines.registry.periods import Period
from pipelines.registry.seeds import RegistryError
from pipelines.registry.windows import closing_days, window_of
from tests.registry import appended, copied, seeds_with

Q4 = Period(2024, 4)
OFFICIAL = "permendagri-59-2021"
BANDS = ("belum_tuntas", "muda", "pratama", "madya", "utama", "paripurna")


def test_the_method_of_2019_onwards_is_80_20_and_was_verified_by_nobody(tmp_path):
    method = method_for(Period(2019, 1), copied(tmp_path))
    assert method.method_version == OFFICIAL
    assert (method.weight_recipients_percent, method.weight_quality_percent) == (80, 20)
    assert [band.band_code for band in method.bands] == [*BANDS]
    assert method.verified_by is None


def test_no_method_scores_a_period_before_2019(tmp_path):
    with pytest.raises(MethodNotFoundError, match="2018-Q4"):
        method_for(Period(2018, 4), copied(tmp_path))


def with_method(folder, status, valid_from, verified_by=""):
    """The seeds with a second method, and its bands."""
    seeds = copied(folder)
    for name in ("methods", "bands"):
        path = seeds / f"{name}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        second = [line.replace(OFFICIAL, "second") for line in lines[1:]]
        if name == "methods":
            second = [
                row.replace(",official,", f",{status},").replace("2019-Q1", valid_from, 1) for row in second
            ]
            second = [row.replace(",20,,The", f",20,{verified_by},The") for row in second]
        path.write_text("\n".join([*lines, *second]) + "\n", encoding="utf-8")
    return seeds


def test_a_draft_scores_no_period_whatever_its_validity(tmp_path):
    seeds = with_method(tmp_path, "draft", "2024-Q1")
    assert [method.method_version for method in methods(seeds)] == [OFFICIAL, "second"]
    assert method_for(Q4, seeds).method_version == OFFICIAL


def test_a_draft_rebuilds_no_period(tmp_path):
    assert registry_digest(Q4, with_method(tmp_path, "draft", "2024-Q1")) == registry_digest(
        Q4, copied(tmp_path / "without")
    )


def test_two_official_methods_are_never_in_force_in_one_period(tmp_path):
    with pytest.raises(
        RegistryError,
        match=rf"methods.csv:3: second begins in 2025-Q1, while {OFFICIAL} is in force: end .* line 2",
    ):
        methods(with_method(tmp_path, "official", "2025-Q1"))


def test_a_registry_without_an_official_method_is_refused(tmp_path):
    with pytest.raises(RegistryError, match=r"methods.csv:2: no method is official: write official"):
        methods(seeds_with(tmp_path, "methods", ",official,", ",draft,"))


def test_methods_that_nobody_verified_are_named_for_the_periods_that_they_score(tmp_path):
    seeds = copied(tmp_path)
    assert unverified_methods([Period(2018, 4), Q4], seeds) == [OFFICIAL]
    assert unverified_methods([Period(2018, 4)], seeds) == []
    verified = seeds_with(tmp_path / "verified", "methods", ",20,,The", ",20,Biro Hukum,The")
    assert unverified_methods([Q4], verified) == []


def test_an_announced_window_closes_at_midnight_in_jakarta_after_its_day():
    window = window_of(Period(2023, 1))
    assert (window.closes_on, window.status) == (date(2023, 7, 5), "announced")
    assert window.ends_at == datetime(2023, 7, 5, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize("period", [Period(2025, 1), Period(2012, 1)])
def test_a_window_that_was_not_announced_is_assumed_to_close_20_days_after_the_quarter(period):
    window = window_of(period)
    assert window.status == "assumed"
    assert (window.closes_on - period.ends_on).days == 20


def test_an_extension_counts_as_the_close(tmp_path):
    seeds = seeds_with(
        tmp_path, "reporting_windows", "2024-Q4,2025-01-20,,", "2024-Q4,2025-01-20,2025-01-31,"
    )
    window = window_of(Q4, seeds)
    assert (window.closes_on, window.status) == (date(2025, 1, 31), "extended")


def test_a_region_has_its_own_close_and_a_reopening_moves_none(tmp_path):
    seeds = appended(
        tmp_path,
        "window_extensions",
        "2024-Q4,64.71,extended,,2025-01-31,Banjir,S-1,2025-01-15",
        "2024-Q4,64.72,reopened,2025-02-10,2025-02-20,Perbaikan,S-2,2025-02-07",
    )
    windows = {code: window_of(Q4, seeds, code) for code in (None, "64.71", "64.72")}
    assert {code: (str(window.closes_on), window.status) for code, window in windows.items()} == {
        None: ("2025-01-20", "announced"),
        "64.71": ("2025-01-31", "extended"),
        "64.72": ("2025-01-20", "reopened"),
    }
    # the period runs again on the night after each of these
    assert closing_days(Q4, seeds) == {date(2025, 1, 20), date(2025, 1, 31), date(2025, 2, 20)}
