"""Periods: calendar quarters written the SDMX way, ``2024-Q4``.

Put here: the value object, ranges of it, the quarters the platform serves.
Keep out: reporting windows (``windows``), Dagster partitions.
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
_TOKEN = re.compile(r"[a-z]+|[0-9]+")
_SIGNS = re.compile(r"[\s,./_()-]*")
_QUARTER_WORDS = frozenset({"q", "qtr", "quarter", "tw", "trw", "triw", "triwulan", "kuartal", "kwartal"})
_OTHER_WORDS = frozenset({"tahun", "thn", "th", "ta", "anggaran", "ke"})
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_NUMBERS = {
    **{text: number for number in range(1, 5) for text in (f"{number}", f"0{number}")},
    **{"pertama": 1, "kedua": 2, "ketiga": 3, "keempat": 4, "satu": 1, "dua": 2, "tiga": 3, "empat": 4},
    **_ROMAN,
}


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
    def written(cls, text: str) -> Period | None:
        """The one quarter that people mean by ``TW IV 2024``, ``Triwulan 4 Tahun 2024`` or ``2024Q4``.

        A Roman number needs no word (``IV/2024``), a digit does: ``4/2024`` is a month as well. None where
        the text does not name one quarter alone.
        """
        bare = text.casefold().strip().replace("tri wulan", "triwulan")
        tokens = [token for token in _TOKEN.findall(bare) if token not in _OTHER_WORDS]
        words = [token for token in tokens if token in _QUARTER_WORDS]
        years = [token for token in tokens if len(token) == 4 and token[:2] in ("19", "20")]
        numbers = [token for token in tokens if token in _NUMBERS]
        if (len(years), len(numbers)) != (1, 1) or len(tokens) != len(words) + 2 or len(words) > 1:
            return None
        is_enough = words or numbers[0] in _ROMAN
        if not is_enough or bare.startswith(".") or not _SIGNS.fullmatch(_TOKEN.sub("", bare)):
            return None
        return cls(int(years[0]), _NUMBERS[numbers[0]])

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

    An end is read as people write it, too (``Period.written``).

    Raises:
        PeriodFormatError: an end of the range is not a quarter.
        PeriodRangeError: the range runs backwards.
    """
    first_text, dots, last_text = text.partition("..")
    first = Period.written(first_text) or Period.parse(first_text)
    last = (Period.written(last_text) or Period.parse(last_text)) if dots else first
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
