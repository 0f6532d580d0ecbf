"""Periods: calendar quarters written the SDMX way, ``2024-Q4``.

Put here: the value object, ranges of it, the quarters the platform serves. Keep out: how people write one
(``written_periods``), reporting windows (``windows``), Dagster partitions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from pipelines.errors import ConfigurationError
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


@lru_cache
def all_periods(folder: Path = SEEDS) -> tuple[Period, ...]:
    """Every quarter of ``periods.csv``, in order.

    Raises:
        RegistryError: the table is not in order.
    """
    return tuple(row.parsed("period", Period.parse) for row in read_seed("periods", folder))
