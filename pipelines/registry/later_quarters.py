"""Quarters after the last row of ``periods.csv``: they follow from the calendar, so no year is the last one.

Put here: their rows. Keep out: which quarters a command or the UI offers (``periods``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from pipelines.registry.seed_files import SeedRow

LAST_YEAR = 2099


def with_later_quarters(rows: Sequence[SeedRow]) -> tuple[SeedRow, ...]:
    """The rows of ``periods``, and one for each quarter after them until ``LAST_YEAR``."""
    last = rows[-1] if rows else None
    if last is None or last.cells.get("quarter") != "4" or not last.cells.get("year", "").isdecimal():
        return tuple(rows)  # what is wrong with it is said by the laws
    later = [
        SeedRow(last.file, last.line, _cells(year, quarter))
        for year in range(int(last["year"]) + 1, LAST_YEAR + 1)
        for quarter in (1, 2, 3, 4)
    ]
    return (*rows, *later)


def _cells(year: int, quarter: int) -> dict[str, str]:
    starts_on = date(year, 3 * quarter - 2, 1)
    ends_on = date(year + quarter // 4, 3 * quarter % 12 + 1, 1) - timedelta(days=1)
    return {
        "period": f"{year}-Q{quarter}",
        "year": str(year),
        "quarter": str(quarter),
        "starts_on": str(starts_on),
        "ends_on": str(ends_on),
    }
