"""Weights, policies, bands and windows are data; a band is decided on the exact index."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from pipelines.registry.methods import MethodNotFoundError, method_for, methods
from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, RegistryError
from pipelines.registry.windows import closing_days, window_of

Q4 = Period(2024, 4)
EXTENSION_COLUMNS = "period,region_code,kind,opens_on,extends_to,reason,letter,decided_on\n"


def test_the_method_of_2019_onwards_is_80_20_and_was_verified_by_nobody():
    method = method_for(Period(2019, 1))
    assert method.method_version == "permendagri-59-2021"
    assert (method.weight_recipients_percent, method.weight_quality_percent) == (80, 20)
    assert method.verified_by is None


def test_no_method_scores_a_period_before_2019():
    with pytest.raises(MethodNotFoundError, match="2018-Q4"):
        method_for(Period(2018, 4))


@pytest.mark.parametrize(
    ("index", "band"),
    [
        (Decimal("100"), "Tuntas Paripurna"),
        (Decimal("99.9999999"), "Tuntas Utama"),
        (Fraction(100) - Fraction(1, 10**30), "Tuntas Utama"),
        (Decimal("90"), "Tuntas Utama"),
        (Decimal("89.999999"), "Tuntas Madya"),
        (Decimal("80"), "Tuntas Madya"),
        (Decimal("70"), "Tuntas Pratama"),
        (Decimal("60"), "Tuntas Muda"),
        (Decimal("59.999999"), "Belum Tuntas"),
        (Decimal("0"), "Belum Tuntas"),
    ],
)
def test_a_bound_belongs_to_the_band_above_it(index, band):
    assert method_for(Q4).band_of(index).name_id == band


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("bands.csv", "80,90,lower", "80,85,lower", "leave a gap or overlap"),
        ("bands.csv", "permendagri-59-2021", "another", r"methods\.csv:2: permendagri-59-2021 has no bands"),
        ("methods.csv", ",80,20,", ",80,30,", r"methods\.csv:2: .* do not add up to 100"),
        ("methods.csv", "mean_of_items", "mean", r"methods\.csv:2: quality_mean: 'mean' is not one of"),
        ("methods.csv", ",true,", ",yes,", r"methods\.csv:2: cap: 'yes' is not one of"),
        ("methods.csv", "assumed_window_days", "days", r"methods\.csv:2: no column 'assumed_window_days'"),
    ],
)
def test_a_fault_in_the_tables_is_named(tmp_path, file, old, new, message):
    for name in ("methods.csv", "bands.csv"):
        text = (SEEDS / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(old, new) if name == file else text, encoding="utf-8")
    with pytest.raises(RegistryError, match=message):
        methods(tmp_path)


def test_two_methods_are_never_in_force_in_one_period(tmp_path):
    for name in ("methods.csv", "bands.csv"):
        header, *rows = (SEEDS / name).read_text(encoding="utf-8").splitlines()
        later = [row.replace("permendagri-59-2021", "later").replace("2019-Q1", "2025-Q1", 1) for row in rows]
        (tmp_path / name).write_text("\n".join([header, *rows, *later]), encoding="utf-8")
    with pytest.raises(RegistryError, match="later begins while permendagri-59-2021 is in force"):
        methods(tmp_path)


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
    (tmp_path / "reporting_windows.csv").write_text(
        "period,closes_on,extended_to,status,note\n2024-Q4,2025-01-20,2025-01-31,announced,\n"
    )
    (tmp_path / "window_extensions.csv").write_text(EXTENSION_COLUMNS)
    window = window_of(Q4, tmp_path)
    assert (window.closes_on, window.status) == (date(2025, 1, 31), "extended")


def test_a_region_has_its_own_close_and_a_reopening_moves_none(tmp_path):
    (tmp_path / "reporting_windows.csv").write_text(
        "period,closes_on,extended_to,status,note\n2024-Q4,2025-01-20,,announced,\n"
    )
    (tmp_path / "window_extensions.csv").write_text(
        EXTENSION_COLUMNS
        + "2024-Q4,64.71,extended,,2025-01-31,Banjir,S-1,2025-01-15\n"
        + "2024-Q4,64.72,reopened,2025-02-10,2025-02-20,Perbaikan,S-2,2025-02-07\n"
    )
    windows = {code: window_of(Q4, tmp_path, code) for code in (None, "64.71", "64.72")}
    assert {code: (str(window.closes_on), window.status) for code, window in windows.items()} == {
        None: ("2025-01-20", "announced"),
        "64.71": ("2025-01-31", "extended"),
        "64.72": ("2025-01-20", "reopened"),
    }
    # the period runs again on the night after each of these
    assert closing_days(Q4, tmp_path) == {date(2025, 1, 20), date(2025, 1, 31), date(2025, 2, 20)}
