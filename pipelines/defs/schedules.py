"""Schedules: a period runs once its reporting window has closed, and again when an extension of it has.

Put here: the only clock beside a run's own. Keep out: when windows close (``reporting_windows.csv``,
``window_extensions.csv``, of the home too).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

import dagster as dg

from pipelines.build import ledger
from pipelines.build.ledger import RunEntry
from pipelines.defs.jobs import quarterly_run
from pipelines.defs.resources import HomeResource
from pipelines.registry.home_rows import serve
from pipelines.registry.periods import all_periods
from pipelines.registry.windows import JAKARTA, closing_days

CAUGHT_UP_NIGHTS = 30
"""A quarter that was due longer ago is told of (`spm status`), and asked for by a person."""


def periods_closed_on(day: date) -> list[str]:
    """The periods whose window, or an extension of it, closed at the end of ``day`` (Asia/Jakarta)."""
    return [str(period) for period in all_periods() if day in closing_days(period)]


@dg.schedule(
    job=quarterly_run,
    cron_schedule="0 1 * * *",
    execution_timezone="Asia/Jakarta",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Each night: run the periods whose window closed the evening before, or on one of the "
    "thirty before it, if no run of them began since.",
)
def closed_windows(
    context: dg.ScheduleEvaluationContext, home: HomeResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """A run for each period whose window closed on the day before the tick, or on one of the days before that
    on whose nights Dagster was down: no run of the period began since. Windows of the home count too."""
    settings = home.settings()
    serve(settings.registry)
    last = context.scheduled_execution_time.astimezone(JAKARTA).date() - timedelta(days=1)
    runs = ledger.entries(settings)
    asked: dict[str, date] = {}
    for evening in (last - timedelta(days=back) for back in range(CAUGHT_UP_NIGHTS)):
        for period in periods_closed_on(evening):
            if evening == last or not _ran_since(runs, period, evening):
                asked.setdefault(period, evening)
    if not asked:
        yield dg.SkipReason(f"no reporting window closed on {last}")
    for period, evening in sorted(asked.items()):
        yield dg.RunRequest(run_key=f"{period}-{evening}", partition_key=period)


def _ran_since(runs: Sequence[RunEntry], period: str, evening: date) -> bool:
    night = datetime.combine(evening + timedelta(days=1), time(), JAKARTA)
    return any(period in run.periods and run.started_at >= night for run in runs)
