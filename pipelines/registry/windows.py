"""Reporting windows: until when a region may enter a period.

Source: ``reporting_windows.csv``, announcements of the ministry; ``window_extensions.csv``, decisions that
extend or reopen one, for everybody or for a region. Windows are irregular, never a formula.
Put here: the close of a period. Keep out: who was late (dbt).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.registry.home_rows import per_registry
from pipelines.registry.methods import policies_of
from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, read_seed

JAKARTA = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a period. ``closes_on`` is the last day that is on time, an extension counted in.

    ``status``: ``announced``, ``extended``, ``reopened``, or ``assumed`` where no announcement is known.
    """

    period: Period
    closes_on: date
    status: str
    note: str | None = None

    @property
    def ends_at(self) -> datetime:
        """The first moment that is late: midnight in Jakarta after the last day."""
        return datetime.combine(self.closes_on + timedelta(days=1), time(), JAKARTA)


@dataclass(frozen=True, slots=True)
class Extension:
    """A decision on a window: ``region_code`` is ``None`` where it holds for everybody.

    ``kind``: ``extended`` moves the close to ``extends_to``; ``reopened`` lets reports in until then, late.
    """

    period: Period
    region_code: str | None
    kind: str
    extends_to: date
    reason: str


def window_of(period: Period, folder: Path = SEEDS, region_code: str | None = None) -> Window:
    """The announced window of a period, or the assumed one, extended and reopened as was decided for
    everybody, and for the region of ``region_code`` (its code on the last day of the period).

    The number of assumed days is a policy of the method; a period before the first method takes that one's.
    """
    window = _announced(folder).get(period) or _assumed(period, folder)
    for decided in _extensions(folder):
        if decided.period != period or decided.region_code not in (None, region_code):
            continue
        if decided.kind == "reopened":
            window = replace(window, status="reopened")
        elif decided.extends_to > window.closes_on:
            status = window.status if window.status == "reopened" else "extended"
            window = replace(window, closes_on=decided.extends_to, status=status)
    return window


def to_be_announced(periods: Iterable[Period], folder: Path = SEEDS) -> list[Window]:
    """The windows of ``periods`` that close by assumption, of quarters after the last announced one."""
    last = max(_announced(folder), default=None)
    windows = [window_of(period, folder) for period in periods if last is None or period > last]
    return [window for window in windows if window.status == "assumed"]


def closing_days(period: Period, folder: Path = SEEDS) -> frozenset[date]:
    """The days at whose end something closes: the window, and what was extended or reopened for a region."""
    decided = {found.extends_to for found in _extensions(folder) if found.period == period}
    return frozenset({window_of(period, folder).closes_on, *decided})


def open_windows(period: Period, at: datetime) -> str:
    """The days of ``closing_days`` that had not ended at ``at``: until the last a period is interim."""
    today = at.astimezone(JAKARTA).date()
    return ", ".join(str(day) for day in sorted(closing_days(period)) if day >= today)


def _assumed(period: Period, folder: Path) -> Window:
    days = policies_of(period, folder).assumed_window_days
    return Window(period, period.ends_on + timedelta(days=days), "assumed")


@per_registry
def _extensions(folder: Path) -> tuple[Extension, ...]:
    return tuple(
        Extension(
            period=row.parsed("period", Period.parse),
            region_code=row.optional("region_code"),
            kind=row.text("kind"),
            extends_to=row.parsed("extends_to", date.fromisoformat),
            reason=row.text("reason"),
        )
        for row in read_seed("window_extensions", folder)
    )


@per_registry
def _announced(folder: Path) -> dict[Period, Window]:
    windows: dict[Period, Window] = {}
    for row in read_seed("reporting_windows", folder):
        period, extended_to = row.parsed("period", Period.parse), row.day("extended_to")
        closes_on = extended_to or row.parsed("closes_on", date.fromisoformat)
        status = "extended" if extended_to else row.text("status")
        windows[period] = Window(period, closes_on, status, row.optional("note"))
    return windows
