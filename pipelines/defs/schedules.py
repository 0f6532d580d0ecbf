"""Schedules: a period runs once its reporting window has closed, and again when an extension of it has.

Put here: the only clock beside a run's own. Keep out: when windows close (``reporting_windows.csv``,
``window_extensions.csv``, of the home too).
"""

from collections.abc import Iterator
from datetime import date, timedelta

import dagster as dg

from pipelines.defs.jobs import quarterly_run
from pipelines.defs.resources import HomeResource
from pipelines.registry.home_rows import serve
from pipelines.registry.periods import all_periods
from pipelines.registry.windows import JAKARTA, closing_days


def periods_closed_on(day: date) -> list[str]:
    """The periods whose window, or an extension of it, closed at the end of ``day`` (Asia/Jakarta)."""
    return [str(period) for period in all_periods() if day in closing_days(period)]


@dg.schedule(
    job=quarterly_run,
    cron_schedule="0 1 * * *",
    execution_timezone="Asia/Jakarta",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Each night: run the periods whose window closed the evening before.",
)
def closed_windows(
    context: dg.ScheduleEvaluationContext, home: HomeResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """A run for each period whose window closed on the day before the tick, by the rows of ``home`` too."""
    serve(home.settings().registry)
    evening = context.scheduled_execution_time.astimezone(JAKARTA).date() - timedelta(days=1)
    periods = periods_closed_on(evening)
    if not periods:
        yield dg.SkipReason(f"no reporting window closed on {evening}")
    for period in periods:
        yield dg.RunRequest(run_key=f"{period}-{evening}", partition_key=period)
