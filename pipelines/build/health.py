"""Is all well in a home? What a monitor asks: the release, its pin, the last run, quarters due, disk, writer.

Put here: gathering it, and what of it somebody has to look at. Keep out: telling people, printing.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipelines.build import ledger
from pipelines.messages import say
from pipelines.publish.manifest import DamagedReleaseError
from pipelines.publish.pin import Pin, PinError, pin_of
from pipelines.publish.releases import Releases
from pipelines.registry.periods import all_periods
from pipelines.registry.windows import JAKARTA, closing_days
from pipelines.settings import MB, Settings
from pipelines.storage.lock import writer_of_home

_NEEDS_SOMEBODY: dict[ledger.Ending, str] = {
    "gate closed": "status.gate_closed",
    "waits for approval": "status.waits_for_approval",
    "failed": "status.failed",
    "died": "status.died",
}
"""Endings of the last run after which somebody has to do something, and what is said then."""


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a home.

    ``due`` are those of the last four quarters whose windows closed before yesterday that are not published
    and come after the first published one. ``writer`` is who writes in the home now. ``problems`` are
    sentences, one each.
    """

    home: str
    release_id: str | None
    published_at: str | None
    periods: list[str]
    pin: Pin | None
    last_run: ledger.RunEntry | None
    due: list[str]
    free_bytes: int
    writer: str | None
    problems: list[str]


def health_of(settings: Settings) -> Health:
    """The state of a home; what cannot be read is one of its problems."""
    problems: list[str] = []
    releases = Releases(settings.published)
    current, pin = None, None
    try:
        current = releases.proved()
    except DamagedReleaseError as error:
        problems.append(str(error))
    try:
        pin = pin_of(settings)
    except PinError as error:
        problems.append(str(error))
    periods = current.content.periods if current else []
    due = _due(settings, periods)
    if due:
        problems.append(say("status.due", periods=", ".join(due)))
    runs = ledger.entries(settings)
    last = next((run for run in runs if run.ended != "running"), None)
    problems += _of_runs(_with_those_before(last, runs)) if last else []
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < settings.least_free_bytes:
        least = settings.least_free_bytes // MB
        problems.append(say("status.disk", at=settings.home, free=free // MB, least=least))
    return Health(
        str(settings.home),
        current.release_id if current else None,
        current.published_at if current else None,
        list(periods),
        pin,
        runs[0] if runs else None,
        due,
        free,
        writer_of_home(settings.home),
        problems,
    )


def _with_those_before(last: ledger.RunEntry, runs: Sequence[ledger.RunEntry]) -> list[ledger.RunEntry]:
    """A run and those whose closed gates it follows: what they found stands, though it published."""
    by_id, line = {run.run_id: run for run in runs}, [last]
    while (before := by_id.get(line[-1].follows or "")) and before not in line:
        line.append(before)
    return line


def _of_runs(line: Sequence[ledger.RunEntry]) -> list[str]:
    problems = []
    for run in line:
        if run.ended in _NEEDS_SOMEBODY:
            checks = sorted({check for ids in run.closed.values() for check in ids})
            why = run.error or ", ".join(checks) or "-"
            problems.append(say(_NEEDS_SOMEBODY[run.ended], at=run.run_id[:8], why=why))
        if run.incomplete:
            sources = ", ".join(sorted(run.incomplete))
            problems.append(say("status.incomplete", at=run.run_id[:8], sources=sources))
        if run.database_failed:
            problems.append(say("status.database", at=run.run_id[:8]))
    return problems


def _due(settings: Settings, published: list[str]) -> list[str]:
    if not published:
        return []
    yesterday = _day(settings.clock()) - timedelta(days=1)
    closed = [period for period in all_periods() if max(closing_days(period)) < yesterday]
    within_a_year = [str(period) for period in closed[-4:]]
    return [period for period in within_a_year if period > min(published) and period not in published]


def _day(instant: datetime) -> date:
    return instant.astimezone(JAKARTA).date()
