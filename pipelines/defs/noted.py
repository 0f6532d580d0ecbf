"""A run of Dagster in the ledger: who started it, how long each step took, what failed.

Put here: what the ledger and the log take from Dagster. Keep out: the ledger (``build.ledger``), the log
(``build.run_log``).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import dagster as dg

from pipelines.build import ledger
from pipelines.build.ledger_table import bring_ledger
from pipelines.build.record import RunRecord, read_record
from pipelines.build.run_log import RunLog, open_log
from pipelines.defs.assets.stages import BEGUN, PARTS, STEP
from pipelines.defs.follow_up import FOLLOWS_TAG
from pipelines.defs.partitions import PARTITION, RANGE_END, RANGE_START, reporting_periods
from pipelines.errors import UnavailableError
from pipelines.messages import printable
from pipelines.registry.told import told
from pipelines.settings import Settings, SettingsError

_INTERRUPTED = ("KeyboardInterrupt", "DagsterExecutionInterruptedError")
_TOLD = (
    dg.DagsterEventType.STEP_START,
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_SKIPPED,
    dg.DagsterEventType.STEP_RESTARTED,
)
SCHEDULE, SENSOR = "dagster/schedule_name", "dagster/sensor_name"


@contextmanager
def noted(
    settings: Settings,
    run: dg.DagsterRun,
    instance: dg.DagsterInstance | None,
    of_command: bool,
    to_database: bool,
) -> Iterator[None]:
    """Note the run in the ledger as it starts and as it ends; then in the database, if ``to_database``."""
    entry = ledger.begin(
        settings, run.run_id, _door(run, of_command), os.getpid(), _periods(run), run.tags.get(FOLLOWS_TAG)
    )
    stopped = False
    with open_log(settings, entry) as log:
        log.event(logging.INFO, f"{entry.door}: {run.job_name} {' '.join(entry.periods)}", None)
        if instance:
            instance.add_event_listener(run.run_id, _Telling(log))
        try:
            yield
        except (KeyboardInterrupt, dg.DagsterExecutionInterruptedError):
            stopped = True
            raise
        finally:
            record = read_record(settings.work / run.run_id)
            stages = _stages(instance, run.run_id, record.stages) if instance else []
            kind, error = _error(instance, run.run_id) if instance else (None, None)
            interrupted = stopped or kind in _INTERRUPTED
            # a full disk must not hide how the run ended: the next writer notes then that it died
            with suppress(OSError):
                ended = ledger.end(settings, entry, record, stages, error, stopped=interrupted)
                level = logging.INFO if ended.release_id else logging.ERROR
                said = filter(None, [f"{ended.ended}:", ended.release_id, ended.error])
                log.event(level, " ".join(said), None)
            # a stop is not to wait for a server, and one that just failed is asked again by the next run
            if to_database and not interrupted and "failed" not in (record.database or {}):
                _to_database(settings, log)


def _to_database(settings: Settings, log: RunLog) -> None:
    try:
        bring_ledger(settings)
    except (UnavailableError, SettingsError, OSError) as error:
        log.event(logging.WARNING, str(error), None)


class _Telling:
    """What of the events of Dagster is in the log, each with the part of the run that it is of."""

    def __init__(self, log: RunLog) -> None:
        self._log, self._part = log, STEP

    def __call__(self, entry: dg.EventLogEntry) -> None:
        self._part = BEGUN.get(entry.user_message, self._part)
        _tell(self._log, entry, self._part if entry.step_key == STEP else entry.step_key)


def _tell(log: RunLog, entry: dg.EventLogEntry, stage: str | None) -> None:
    """What of the events of Dagster is in the log: steps, checks that failed, and what assets say."""
    event = entry.dagster_event
    if event is None:
        log.event(int(entry.level), entry.user_message, stage)
        return
    kind = event.event_type
    if kind in (dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.STEP_UP_FOR_RETRY):
        failed = getattr(event.event_specific_data, "error", None)
        why = _said(failed)[1] if failed else event.message
        level = logging.ERROR if kind == dg.DagsterEventType.STEP_FAILURE else logging.WARNING
        log.event(level, why or event.message or kind.value, stage)
        log.leaves()
    elif kind == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        found = event.asset_check_evaluation_data
        if not found.passed:
            log.event(
                logging.WARNING,
                f"{found.asset_key.to_user_string()}: {found.check_name}: {found.description or 'failed'}",
                stage,
            )
    elif kind in _TOLD:
        log.event(logging.INFO, event.message or kind.value, stage)
        if kind != dg.DagsterEventType.STEP_START:
            log.leaves()


def note_busy(settings: Settings, run: dg.DagsterRun, why: str) -> None:
    """Note in the ledger that a run waited for the home in vain: it did nothing, and somebody has to know."""
    with suppress(OSError):
        entry = ledger.begin(
            settings, run.run_id, _door(run, False), os.getpid(), _periods(run), run.tags.get(FOLLOWS_TAG)
        )
        ledger.end(settings, entry, RunRecord(), [], why)
        with open_log(settings, entry) as log:
            log.event(logging.ERROR, why, None)


def _door(run: dg.DagsterRun, of_command: bool) -> ledger.Door:
    if of_command:
        return "command line"
    if SCHEDULE in run.tags:
        return "schedule"
    return "sensor" if SENSOR in run.tags else "UI"


def _periods(run: dg.DagsterRun) -> list[str]:
    if partition := run.tags.get(PARTITION):
        return [partition]
    first, last = run.tags.get(RANGE_START), run.tags.get(RANGE_END)
    if first is None or last is None:
        return []
    keys = reporting_periods.get_partition_keys()
    return [key for key in keys if first <= key <= last]


def _stages(instance: dg.DagsterInstance, run_id: str, parts: Mapping[str, float]) -> list[ledger.Stage]:
    """The steps of the run; of the one from landing to the release its parts, the last of which may have
    failed."""
    found = []
    for step in instance.get_run_step_stats(run_id):
        if step.start_time is not None:
            seconds = round((step.end_time or step.start_time) - step.start_time, 3)
            status = step.status.value.lower() if step.status else "running"
            inside = [(name, parts[name]) for name in PARTS if name in parts] if step.step_key == STEP else []
            for name, took in inside or [(step.step_key, seconds)]:
                ended = status if name in {step.step_key, inside[-1][0] if inside else ""} else "success"
                found.append((step.start_time, ledger.Stage(name, ended, took)))
    return [stage for _, stage in sorted(found, key=lambda one: one[0])]


def _error(instance: dg.DagsterInstance, run_id: str) -> tuple[str | None, str | None]:
    """Class and first line of the first failure of the run."""
    for logged in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = logged.dagster_event
        failed = event.step_failure_data.error if event else None
        if failed is None:
            continue
        return _said(failed)
    return None, None


def _said(failed: Any) -> tuple[str | None, str | None]:
    while failed.cause is not None:  # what was raised in the asset stands behind what Dagster made of it
        failed = failed.cause
    line = next((line.strip() for line in failed.message.splitlines() if line.strip()), "")
    _, _, said = line.rpartition(f"{failed.cls_name}: ")  # after the class and its module
    return failed.cls_name, printable(told(said))
