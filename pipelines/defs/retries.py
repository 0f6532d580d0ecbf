"""Failed runs are asked for again: what passes (a full disk, a database away, a process that died) needs
nobody to watch it.

Dagster's own retries know no pause and would repeat a closed gate, so a sensor asks, with all steps. A run of
the command line has somebody, or a timer, who asks.

Put here: which failed runs are asked for again, and when. Keep out: what follows a closed gate
(``follow_up``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from pipelines.build import ledger
from pipelines.build.ledger import RunEntry
from pipelines.defs.assets.facts import EXIT_CODE, may_pass
from pipelines.defs.follow_up import EVERYTHING_TAG, FOLLOWS_TAG, WITHOUT_TAG, is_of_gate
from pipelines.defs.instance import is_of_command
from pipelines.defs.jobs import FOLLOW_UP_JOB_NAME, JOB_NAME, follow_up_run, quarterly_run
from pipelines.defs.partitions import PARTITION, RANGE_END, RANGE_START
from pipelines.defs.resources import HomeResource

MOST_TRIES = 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=2)
"""The pause doubles from try to try: a disk that is full in the evening is tried until the morning."""

LOOKED_BACK = timedelta(days=2)
_WHAT = (PARTITION, RANGE_START, RANGE_END, WITHOUT_TAG, EVERYTHING_TAG, FOLLOWS_TAG)
"""The tags that say what a run is about; those of Dagster, such as a backfill's, are not taken over."""

_ENDED_WELL = {"published", "unchanged", "gate closed", "waits for approval", "pinned"}


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries that failed."""
    return min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)


@dg.sensor(
    jobs=[quarterly_run, follow_up_run],
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Failed runs that asking again may cure (disk, network, a process that died): ask again, "
    "with a pause that doubles from five minutes to two hours, ten times at most.",
)
def failed_runs(
    context: dg.SensorEvaluationContext, home: HomeResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """A run for the last failed one of each range, once its pause is over."""
    settings = home.settings()
    now = settings.wall_clock()
    entries = {entry.run_id: entry for entry in ledger.entries(settings)}
    said = []
    asked = False
    for tried in _of_each_range(context.instance.get_run_records(limit=500), now):
        last = tried[0].dagster_run
        failed = _failed_in_a_row(tried)
        if not failed or not _may_be_cured(context.instance, last, entries.get(last.run_id)):
            continue
        if failed >= MOST_TRIES:
            said.append(f"run {last.run_id}: failed {failed} times, not asked for again")
            continue
        due = _ended_at(tried[0], entries.get(last.run_id)) + pause_after(failed)
        if now < due:
            said.append(f"run {last.run_id}: asked for again at {due:%Y-%m-%d %H:%M %Z}")
            continue
        asked = True
        yield _again(last)
    if not asked:
        yield dg.SkipReason("; ".join(said) or "no failed run that asking again may cure")


def _of_each_range(records: Sequence[dg.RunRecord], now: datetime) -> Iterator[list[dg.RunRecord]]:
    """The runs of the same job about the same, the last one first."""
    found: dict[tuple[str, ...], list[dg.RunRecord]] = {}
    for record in records:
        run = record.dagster_run
        if run.job_name in {JOB_NAME, FOLLOW_UP_JOB_NAME} and now - _utc(record) < LOOKED_BACK:
            about = (run.job_name, *(run.tags.get(tag, "") for tag in _WHAT))
            found.setdefault(about, []).append(record)
    return iter(found.values())


def _failed_in_a_row(tried: Sequence[dg.RunRecord]) -> int:
    count = 0
    for record in tried:
        if record.dagster_run.status != dg.DagsterRunStatus.FAILURE:
            break
        count += 1
    return count


def _may_be_cured(instance: dg.DagsterInstance, run: dg.DagsterRun, entry: RunEntry | None) -> bool:
    # of a run that a full disk did not let note itself there is no entry
    if is_of_command(run) or (entry and entry.door == "command line"):
        return False
    if entry and entry.ended in _ENDED_WELL and not entry.database_failed:
        return False
    for logged in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        failure = logged.dagster_event.step_failure_data.user_failure_data if logged.dagster_event else None
        if failure is None:
            continue
        if is_of_gate(failure.metadata):
            return False
        code = failure.metadata.get(EXIT_CODE)
        if code is not None and not may_pass(int(str(code.value))):
            return False
    return True


def _ended_at(record: dg.RunRecord, entry: RunEntry | None) -> datetime:
    if entry and entry.ended_at:
        return entry.ended_at
    return datetime.fromtimestamp(record.end_time, UTC) if record.end_time else _utc(record)


def _utc(record: dg.RunRecord) -> datetime:
    created = record.create_timestamp
    return created if created.tzinfo else created.replace(tzinfo=UTC)


def _again(run: dg.DagsterRun) -> dg.RunRequest:
    tags: Mapping[str, str] = {tag: run.tags[tag] for tag in _WHAT if tag in run.tags and tag != PARTITION}
    return dg.RunRequest(
        run_key=f"again {run.run_id}",
        job_name=run.job_name,
        tags=tags,
        partition_key=run.tags.get(PARTITION),
        asset_selection=sorted(run.asset_selection) if run.asset_selection else None,
    )
