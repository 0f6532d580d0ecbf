"""Periods: calendar quarters written the SDMX way, ``2024-Q4``.

Put here: the value object, ranges of it, the quarters the platform serves. Keep out: how people write one
(``written_periods``), reporting windows (``windows``), Dagster partitions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pipelines.errors import ConfigurationError
from pipelines.registry.home_rows import per_registry
from pipelines.registry.seed_files import rows_of
from pipelines.registry.seeds import SEEDS, read_seed

QUARTER = re.compile(r"([12][0-9]{3})-Q([1-4])")


class PeriodFormatError(ConfigurationError, ValueError):
    """A text is not a quarter."""


class PeriodRangeError(ConfigurationError, ValueError):
    """A text is not a range of quarters, or the range runs backwards."""


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """One calendar quarter; ordered in time, printed as ``2024-Q4``."""

    year: int
    quarter: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """The quarter that ``text`` names.

        Raises:
            PeriodFormatError: anything but ``YYYY-Qn``, spaces included.
        """
        found = QUARTER.fullmatch(text)
        if found is None:
            raise PeriodFormatError(f"not a quarter: {text!r} (expected e.g. '2025-Q3')")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def containing(cls, day: date) -> Period:
        """The quarter that ``day`` lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def starts_on(self) -> date:
        """First day of the quarter."""
        return date(self.year, 3 * self.quarter - 2, 1)

    @property
    def ends_on(self) -> date:
        """Last day of the quarter."""
        return self.next().starts_on - timedelta(days=1)

    def next(self, n: int = 1) -> Period:
        """The quarter ``n`` after this one; a negative ``n`` goes back."""
        year, quarter = divmod(self.year * 4 + self.quarter - 1 + n, 4)
        return Period(year, quarter + 1)

    def previous(self, n: int = 1) -> Period:
        """The quarter ``n`` before this one."""
        return self.next(-n)

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.quarter}"


def parse_range(text: str) -> tuple[Period, ...]:
    """The quarters of ``FIRST..LAST``, both included and in order; a lone quarter is a range of one.

    Raises:
        PeriodFormatError: an end of the range is not a quarter.
        PeriodRangeError: the range runs backwards.
    """
    first_text, dots, last_text = text.partition("..")
    first = Period.parse(first_text)
    last = Period.parse(last_text) if dots else first
    if last < first:
        raise PeriodRangeError(
            f"range runs backwards: {text!r} (write the earlier quarter first: '{last}..{first}')"
        )
    count = (last.year - first.year) * 4 + last.quarter - first.quarter + 1
    return tuple(first.next(n) for n in range(count))


@per_registry
def all_periods(folder: Path = SEEDS) -> tuple[Period, ...]:
    """Every quarter of the calendar from the first of ``periods.csv`` on, in order.

    Raises:
        RegistryError: the table is not in order.
    """
    return tuple(row.parsed("period", Period.parse) for row in read_seed("periods", folder))


def served_periods(now: datetime, folder: Path = SEEDS) -> tuple[Period, ...]:
    """The quarters that a command takes and the UI offers: until the end of the year after ``now``."""
    last = max(now.year + 1, listed_until(folder))
    return tuple(period for period in all_periods(folder) if period.year <= last)


def is_readable(period: Period, year: int, folder: Path = SEEDS) -> bool:
    """Whether a document that was received in ``year`` may be of ``period``: later ones are a slip."""
    return all_periods(folder)[0] <= period and period.year <= max(year, listed_until(folder))


@per_registry
def listed_until(folder: Path = SEEDS) -> int:
    """The last year that ``periods.csv`` itself lists; later quarters follow from the calendar."""
    return int(rows_of("periods", folder)[1][-1]["year"])
