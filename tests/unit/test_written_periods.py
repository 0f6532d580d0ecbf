"""A text is a quarter where it names one year and one quarter in known words, and nothing else."""

from __future__ import annotations

import pytest

from pipelines.registry.periods import Period, PeriodFormatError, PeriodRangeError
from pipelines.registry.written_periods import written_period, written_range

FOURTH = Period(2024, 4)


@pytest.mark.parametrize(
    "text",
    [
        *("2024-Q4", " 2024-q4 ", "2024Q4", "2024 Q4", "Q4 2024", "Q4-2024", "Q4/2024", "4Q2024", "24Q4"),
        *("TW IV 2024", "TW.IV/2024", "T.W. IV 2024", "TWIV 2024", "TW4 2024", "TW-4/2024", "2024-TW4"),
        *("TW IV '24", "TW IV 24", "tw 4 thn 2024", "TW IV T.A. 2024", "IV/2024", "2024/IV", "IV 2024"),
        *("Triwulan IV Tahun 2024", "TRIWULAN 4 TAHUN 2024", "Triwulan ke-4 2024", "Tri-Wulan IV 2024"),
        *("Triwulan Keempat Tahun Anggaran 2024", "Triwulan IV (Empat) 2024", "Kuartal 4 2024", "2024-IV"),
        *("s.d. TW IV 2024", "s/d TW IV 2024", "4th quarter of 2024", "Tahun 2024 Triwulan IV"),
        *("Oktober - Desember 2024", "Okt s.d. Des 2024", "Triwulan IV (Oktober-Desember) 2024"),
        *("TW\u00a0IV\u00a02024", "\u200e2024\u2011Q4", "TW IV\n2024", "TW IV \u2013 2024"),
    ],
)
def test_one_quarter_is_read_however_it_is_written(text: str) -> None:
    assert written_period(text) == FOURTH


@pytest.mark.parametrize(
    "text",
    [
        *("", "2024", "Q4", "TW IV", "2024-Q5", "TW V 2024", "TW 0 2024", "V/2024", "XIV/2024", "2024-Q41"),
        *("TW I dan II 2024", "Q4 2024 2025", "2024-X4", "+2024-Q4", "2024-Q4?", "04-2024", "TW 24"),
        pytest.param("4/2024", id="april"),
        pytest.param("2024-04", id="a-month"),
        pytest.param("2024-4", id="a-month-or-a-quarter"),
        pytest.param("12/IV/2024", id="the-number-of-a-letter"),
        pytest.param("TW I-IV 2024", id="several-quarters"),
        pytest.param("TW I s.d. TW IV 2024", id="from-one-to-another"),
        pytest.param("TW IV 2023/2024", id="two-years"),
        pytest.param("Desember 2024", id="one-month"),
        pytest.param("November - Januari 2024", id="no-quarter-of-months"),
        pytest.param("TW III (Oktober - Desember) 2024", id="a-contradiction"),
        pytest.param("Semester II 2024", id="half-a-year"),
        pytest.param("TW IV 2024 revisi", id="more-than-a-quarter"),
        pytest.param("٢٠٢٤-Q4", id="digits-of-another-script"),
    ],
)
def test_what_names_none_or_could_be_another_is_no_quarter(text: str) -> None:
    assert written_period(text) is None


def test_a_range_has_its_ends_as_people_write_them() -> None:
    assert written_range("TW IV 2024..2025Q1") == (FOURTH, Period(2025, 1))
    assert written_range("Triwulan 4 Tahun 2024") == (FOURTH,)


def test_a_year_is_a_range_of_its_quarters() -> None:
    assert written_range("2024") == tuple(Period(2024, quarter) for quarter in (1, 2, 3, 4))
    assert written_range("2022..2024") == written_range("2022-Q1..2024-Q4")
    assert written_range("2024-Q4..2025") == written_range("2024-Q4..2025-Q4")
    assert written_range("2023..2024-Q1") == written_range("2023-Q1..2024-Q1")


def test_a_range_that_is_none_says_so() -> None:
    with pytest.raises(PeriodRangeError, match=r"2024-Q4[.][.]2025-Q1"):
        written_range("I/2025..TW IV 2024")
    for text in ("4/2024", "2024-Q4..", "..2024-Q4", "2024-Q1...2024-Q2", "2024-Q1-2024-Q2", "1..2..3"):
        with pytest.raises(PeriodFormatError):
            written_range(text)
