"""A period is an SDMX quarter, and nothing else; a range of them runs forward."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.registry.periods import (
    Period,
    PeriodFormatError,
    PeriodRangeError,
    all_periods,
    parse_range,
)


def test_a_quarter_knows_its_days_and_is_printed_as_it_was_read():
    period = Period.parse("2024-Q4")
    assert (period.starts_on, period.ends_on, str(period)) == (
        date(2024, 10, 1),
        date(2024, 12, 31),
        "2024-Q4",
    )
    assert Period.containing(date(2024, 10, 1)) == Period.containing(date(2024, 12, 31)) == period


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2025Q3", id="no-dash"),
        pytest.param("2025-TW3", id="triwulan-as-typed-in-the-form"),
        pytest.param("2025-Q5", id="no-fifth-quarter"),
        pytest.param("2025-Q3 ", id="a-space-behind"),
        pytest.param("2025-Q3\n", id="a-line-end-behind"),
        pytest.param("٢٠٢٥-Q3", id="digits-of-another-script"),
        pytest.param("", id="empty"),
    ],
)
def test_anything_else_is_refused_with_the_text_in_the_message(text):
    with pytest.raises(PeriodFormatError, match="not a quarter") as refused:
        Period.parse(text)
    assert repr(text) in str(refused.value)


def test_quarters_step_over_the_end_of_a_year_both_ways_and_sort_in_time():
    assert str(Period.parse("2024-Q4").next()) == "2025-Q1"
    assert str(Period.parse("2025-Q1").previous()) == "2024-Q4"
    assert str(Period.parse("2025-Q1").previous(5)) == "2023-Q4"
    assert Period.parse("2024-Q4") < Period.parse("2025-Q1")


def test_a_range_holds_both_ends_and_a_lone_quarter_is_a_range_of_one():
    assert [str(period) for period in parse_range("2023-Q3..2024-Q1")] == ["2023-Q3", "2023-Q4", "2024-Q1"]
    assert parse_range("2024-Q4") == (Period(2024, 4),)


@pytest.mark.parametrize("text", ["2024-Q4..2023-Q1", "2024-Q2..2024-Q1"])
def test_a_reversed_range_is_refused_and_never_an_empty_one(text):
    with pytest.raises(PeriodRangeError, match="runs backwards"):
        parse_range(text)


@pytest.mark.parametrize("text", ["2024-Q4..", "..2024-Q4", "2024-Q1...2024-Q2", "2024-Q1-2024-Q2"])
def test_half_a_range_is_refused(text):
    with pytest.raises(PeriodFormatError):
        parse_range(text)


def test_the_platform_serves_every_quarter_from_2010_to_2026_at_least():
    served = all_periods()
    assert served[0] == Period(2010, 1)
    assert Period(2026, 4) in served
