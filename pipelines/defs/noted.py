"""A run of Dagster in the ledger: who started it, how long each step took, what failed.

Put here: what the ledger takes from Dagster. Keep out: the ledger (``build.ledger``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import dagster as dg

from pipelines.build import ledger
from pipelines.build.record import RunRecord, read_record
from pipelines.defs.assets.stages import PARTS, STEP
from pipelines.defs.follow_up import FOLLOWS_TAG
from pipelines.defs.partitions import PARTITION, RANGE_END, RANGE_START, reporting_periods
from pipelines.messages import printable
from pipelines.settings import Settings

_INTERRUPTED = ("KeyboardInterrupt", "DagsterExecutionInterruptedError")
SCHEDULE, SENSOR = "dagster/schedule_name", "dagster/sensor_name"


@contextmanager
def noted(
    settings: Settings, run: dg.DagsterRun, instance: dg.DagsterInstance | None, of_command: bool
) -> Iterator[None]:
    """Note the run in the ledger as it starts, and as it ends."""
    entry = ledger.begin(
        settings, run.run_id, _door(run, of_command), os.getpid(), _periods(run), run.tags.get(FOLLOWS_TAG)
    )
    stopped = False
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
            ledger.end(settings, entry, record, stages, error, stopped=interrupted)


def note_busy(settings: Settings, run: dg.DagsterRun, why: str) -> None:
    """Note in the ledger that a run waited for the home in vain: it did nothing, and somebody has to know."""
    with suppress(OSError):
        entry = ledger.begin(
            settings, run.run_id, _door(run, False), os.getpid(), _periods(run), run.tags.get(FOLLOWS_TAG)
        )
        ledger.end(settings, entry, RunRecord(), [], why)


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
        while failed.cause is not None:  # what was raised in the asset stands behind what Dagster made of it
            failed = failed.cause
        line = next((line.strip() for line in failed.message.splitlines() if line.strip()), "")
        _, _, said = line.rpartition(f"{failed.cls_name}: ")  # after the class and its module
        return failed.cls_name, printable(said)
    return None, None
