"""Is all well in a home? What a monitor asks: the release, its pin, the last run, quarters due, disk, writer.

Put here: gathering it, and what of it somebody has to look at. Keep out: telling people, printing.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipelines.build import ledger
from pipelines.build.standing import Problem, ended_runs, standing
from pipelines.messages import say
from pipelines.publish.manifest import DamagedReleaseError
from pipelines.publish.pin import Pin, PinError, pin_of
from pipelines.publish.releases import Releases
from pipelines.registry.periods import all_periods
from pipelines.registry.windows import JAKARTA, closing_days
from pipelines.reports.headlines import reporting_by_period
from pipelines.settings import MB, Settings
from pipelines.storage.lock import writer_of_home


@dataclass(frozen=True, slots=True)
class Service:
    """A program or a database that the home needs; ``seen_at`` is when it last said that it lives (UTC).

    ``problem`` is the sentence for somebody who has to look; none where nobody has to.
    """

    name: str
    is_well: bool
    seen_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a home.

    ``due`` are those of the last four quarters whose windows closed before yesterday that are not published
    and come after the first published one. ``reporting`` are the regions of the last published period by the
    code of how they reported. ``writer`` is who writes in the home now. ``problems`` are
    sentences, one each, of what ``standing`` has by kind and subject.
    """

    home: str
    environment: str | None
    release_id: str | None
    published_at: str | None
    periods: list[str]
    reporting: dict[str, int]
    pin: Pin | None
    last_run: ledger.RunEntry | None
    due: list[str]
    free_bytes: int
    writer: str | None
    services: list[Service]
    problems: list[str]
    standing: list[Problem]


def health_of(settings: Settings, services: Sequence[Service] = ()) -> Health:
    """The state of a home and of the ``services`` that it needs; what cannot be read is a problem."""
    found: list[Problem] = []
    releases = Releases(settings.published)
    current, pin = None, None
    try:
        current = releases.proved()
    except DamagedReleaseError as error:
        found.append(Problem("damaged", "release", str(error)))
    try:
        pin = pin_of(settings)
    except PinError as error:
        found.append(Problem("pin", "file", str(error)))
    periods = current.content.periods if current else []
    due = _due(settings, periods)
    found += [Problem("due", period, say("status.due", at=period, period=period)) for period in due]
    runs = ended_runs(settings)
    found += standing(settings, runs)
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < settings.least_free_bytes:
        least = settings.least_free_bytes // MB
        found.append(
            Problem("disk", "home", say("status.disk", at=settings.home, free=free // MB, least=least))
        )
    of_services = [service.problem for service in services if service.problem]
    return Health(
        str(settings.home),
        settings.environment,
        current.release_id if current else None,
        current.published_at if current else None,
        list(periods),
        _reporting(releases, periods),
        pin,
        next(iter(ledger.entries(settings)), None),
        due,
        free,
        writer_of_home(settings.home),
        list(services),
        list(dict.fromkeys([*(one.sentence for one in found), *of_services])),
        found,
    )


def _reporting(releases: Releases, periods: Sequence[str]) -> dict[str, int]:
    if not periods:
        return {}
    last = max(periods)
    return reporting_by_period(releases.current_folder(), [last]).get(last, {})


def _due(settings: Settings, published: list[str]) -> list[str]:
    if not published:
        return []
    yesterday = _day(settings.clock()) - timedelta(days=1)
    closed = [period for period in all_periods() if max(closing_days(period)) < yesterday]
    within_a_year = [str(period) for period in closed[-4:]]
    return [period for period in within_a_year if period > min(published) and period not in published]


def _day(instant: datetime) -> date:
    return instant.astimezone(JAKARTA).date()
