"""Sensors: a document that arrives between two schedules is taken in, and its periods run; a run whose gate
closed is followed by one without the closed periods.

Put here: when a run is asked for. Keep out: taking in (``build.steps``). Sources that must be asked (an API,
a database) are asked by runs alone, not by every tick.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import dagster as dg

from pipelines.alerts.telling import tell
from pipelines.build import steps
from pipelines.build.plan import left_behind, touched_periods
from pipelines.defs.follow_up import follow_up
from pipelines.defs.instance import is_of_command
from pipelines.defs.jobs import follow_up_run, quarterly_run
from pipelines.defs.partitions import range_tags
from pipelines.defs.resources import HomeResource
from pipelines.messages import say
from pipelines.publish.pin import pin_of
from pipelines.publish.releases import Releases
from pipelines.registry.periods import Period, all_periods
from pipelines.registry.told import told
from pipelines.registry.windows import JAKARTA, open_windows
from pipelines.settings import Settings
from pipelines.sources.config import load_sources
from pipelines.sources.kinds import KINDS
from pipelines.storage.lock import HomeBusyError, one_writer

MOST_NEW_DOCUMENTS = 200
"""Taken in a tick and source, so that a tick ends in time; the next one goes on."""


WATCHED_QUARTERS = 12
"""Quarters back from today whose folders are listed; older ones are a backfill by hand."""


@dg.sensor(
    job=quarterly_run,
    minimum_interval_seconds=120,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="New documents in folders and buckets: receive them and run only the periods they touch.",
)
def new_documents(
    context: dg.SensorEvaluationContext, home: HomeResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run for each unbroken range of periods that has a document which no release knows.

    The run key is those documents: a period whose gate closed does not run again until something new came.
    While a run writes in the home the tick is skipped: the next one sees what came meanwhile.
    """
    settings = home.settings().in_one_moment()
    today = settings.clock().date()
    every_period = [str(period) for period in all_periods() if period.starts_on <= today]
    try:
        with one_writer(settings.home, "Dagster new_documents"):
            for message in _take_in(settings, every_period[-WATCHED_QUARTERS:]):
                context.log.warning(told(message))
            touched = left_behind(settings) | touched_periods(settings)
            pin = pin_of(settings)
    except HomeBusyError as busy:
        yield dg.SkipReason(str(busy))
        return
    if pin and touched:
        aside = say("pin.set_aside", periods=", ".join(sorted(touched)))
        yield dg.SkipReason(f"{pin}; {aside}")
        return
    if not touched:
        yield dg.SkipReason("no document that the current release does not know")
    ranges = unbroken(touched, every_period)
    held = {", ".join(periods): until for periods in ranges if (until := held_until(settings, periods))}
    # a tick has requests or one reason, not both
    if ranges and len(held) == len(ranges):
        at, until = next(iter(held.items()))
        yield dg.SkipReason(say("sensor.batches", at=at, until=f"{until:%Y-%m-%d %H:%M %Z}"))
    for periods in ranges:
        if ", ".join(periods) not in held:
            yield _request(periods, touched)


def held_until(settings: Settings, periods: Sequence[str]) -> datetime | None:
    """Until when documents of ``periods`` are gathered; none where they are published at once.

    While regions report, documents come all day: there is a release in ``sensor_minutes``, not one for each.
    """
    now = settings.clock()
    current = Releases(settings.published).current()
    if current is None or not any(open_windows(Period.parse(period), now) for period in periods):
        return None
    due = datetime.fromisoformat(current.published_at) + timedelta(minutes=settings.sensor_minutes)
    return due.astimezone(JAKARTA) if now < due else None


def _take_in(settings: Settings, periods: Sequence[str]) -> Iterator[str]:
    """Take in what is new in folders and buckets; a sentence for each thing that could not be fetched."""
    for spec in load_sources(settings.sources_file) if settings.sources_file else []:
        if KINDS[spec.kind].is_watched:
            yield from steps.take_in(settings, spec, periods, MOST_NEW_DOCUMENTS).messages


def unbroken(touched: Iterable[str], every_period: Sequence[str]) -> list[list[str]]:
    """The touched periods as ranges without a gap, in their order."""
    ranges: list[list[str]] = []
    for period in (period for period in every_period if period in set(touched)):
        before = every_period[every_period.index(period) - 1]
        if ranges and ranges[-1][-1] == before:
            ranges[-1].append(period)
        else:
            ranges.append([period])
    return ranges


def _request(periods: Sequence[str], touched: Mapping[str, str]) -> dg.RunRequest:
    documents = [f"{period} {touched[period]}" for period in periods]
    return dg.RunRequest(
        run_key=hashlib.sha256("\n".join(documents).encode()).hexdigest(),
        tags=range_tags(periods),
    )


@dg.sensor(
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tell people of what needs them without a run: a quarter that is due, little disk.",
)
def alerts(context: dg.SensorEvaluationContext, home: HomeResource) -> dg.SkipReason:
    """Tell what began and ended since the last tick; what could not be sent is sent by the next one."""
    news = tell(home.settings())
    for line in news.failed:
        context.log.warning(told(line))
    return dg.SkipReason(f"told: {len(news.began)} began, {len(news.ended)} ended; {news.lasting} last")


@dg.run_failure_sensor(
    request_job=follow_up_run,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A run whose gate closed for some of its periods: ask for one without them.",
)
def closed_gates(context: dg.RunFailureSensorContext) -> dg.RunRequest | dg.SkipReason:
    """One run that follows a failed one, by the failure of its gate.

    What follows a run of the command line is run by the command itself.
    """
    run = context.dagster_run
    if is_of_command(run):
        return dg.SkipReason(f"run {run.run_id}: the command sees to what follows")
    selection = sorted(run.asset_selection) if run.asset_selection else None
    for event in context.get_step_failure_events():
        failed = event.step_failure_data.user_failure_data
        if failed and (request := follow_up(run.run_id, run.tags, failed.metadata, selection)):
            return request
    return dg.SkipReason(f"run {run.run_id}: no gate of it closed beside one that is open")
