"""Reporting windows: until when a region may enter a period.

Source: ``reporting_windows.csv``, announcements of the ministry; windows are irregular, never a formula.
Put here: the close of a period. Keep out: who was late (dbt).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.registry.methods import MethodNotFoundError, method_for, methods
from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, read_seed

JAKARTA = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a period. ``closes_on`` is the last day, an extension counted in.

    ``status``: ``announced``, ``extended``, or ``assumed`` where no announcement is known.
    """

    period: Period
    closes_on: date
    status: str
    note: str | None = None

    @property
    def ends_at(self) -> datetime:
        """The first moment that is late: midnight in Jakarta after the last day."""
        return datetime.combine(self.closes_on + timedelta(days=1), time(), JAKARTA)


def window_of(period: Period, folder: Path = SEEDS) -> Window:
    """The announced window of a period, or the assumed one.

    The number of assumed days is a policy of the method; a period before the first method takes that one's.
    """
    announced = _announced(folder)
    if period in announced:
        return announced[period]
    try:
        method = method_for(period, folder)
    except MethodNotFoundError:
        method = methods(folder)[0]
    return Window(period, period.ends_on + timedelta(days=method.assumed_window_days), "assumed")


@lru_cache
def _announced(folder: Path) -> dict[Period, Window]:
    windows: dict[Period, Window] = {}
    for row in read_seed("reporting_windows", folder):
        period = row.parsed("period", Period.parse)
        closes_on = row.parsed("closes_on", date.fromisoformat)
        extended_to = row.day("extended_to")
        if period in windows:
            raise row.error(f"{period} has two windows")
        if closes_on <= period.ends_on or (extended_to is not None and extended_to < closes_on):
            raise row.error(f"the window of {period} closes too early")
        status = "extended" if extended_to else row.choice("status", ("announced",))
        windows[period] = Window(period, extended_to or closes_on, status, row.optional("note"))
    return windows
