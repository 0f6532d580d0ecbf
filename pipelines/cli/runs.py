"""A run from the command line: the Dagster job over a range of periods, in this process.

Put here: executing the job and reading what became of it. Keep out: printing (``cli``), what the job does.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from pipelines.build.leftovers import sweep
from pipelines.build.steps import NothingReceivedError
from pipelines.definitions import build_definitions
from pipelines.defs.assets.landing import EVERYTHING_TAG
from pipelines.defs.assets.release import OUTCOME, closing_checks, closing_rows
from pipelines.defs.jobs import JOB_NAME
from pipelines.defs.resources import HomeResource, bury
from pipelines.errors import RejectedError, store_failure
from pipelines.publish.approval import ApprovalRefusedError
from pipelines.publish.postgres.after_release import keep_up
from pipelines.quality.gate import load_verdicts
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.sources.source import SourceUnavailable
from pipelines.storage.lock import one_writer
from pipelines.storage.whole_files import write_whole


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What became of a run.

    ``published`` are the periods that were built and passed; ``unchanged`` stay as published, because
    nothing that they are made of changed. ``closed`` gives for each period that was not published the
    checks that closed its gate, ``closed_rows`` some rows that they failed on; ``incomplete`` for each
    source that could not be had in full the ``periods`` and ``messages``. ``waiting`` is the release that
    waits for approval (``publish.approval.Waiting``), and then nothing is published. ``database`` says what
    came of loading the release into the configured database (``publish.postgres.after_release``).
    """

    run_id: str
    release_id: str | None
    is_new: bool
    published: list[str]
    closed: dict[str, list[str]]
    unchanged: list[str]
    closed_rows: dict[str, list[str]]
    skipped: list[str]
    incomplete: dict[str, dict[str, list[str]]]
    waiting: dict[str, Any] | None = None
    database: dict[str, Any] | None = None


class RunFailedError(RejectedError):
    """A step of the run failed; the message is the step's."""


def run_periods(
    settings: Settings,
    periods: Sequence[str],
    record: bool = False,
    everything: bool = False,
    to_database: bool = True,
) -> RunOutcome:
    """Run the job over a contiguous range of periods as one Dagster run.

    Periods that nothing changed for are not built again, unless ``everything`` is.

    ``record`` keeps its events in the home's Dagster instance, where the UI shows them: an event for each
    asset and period, which costs more than the work itself. What was published is in the release anyway.

    What is published is loaded into the configured database, unless it is not to go ``to_database``.

    What runs that died left in the home is thrown away first.

    Raises:
        HomeBusyError: another process writes in this home.
        StoreFailedError: the disk is full, a folder cannot be written, or memory ran out.
        SourceUnavailable: there is nothing to publish, because a source could not be reached.
        NothingReceivedError: there is nothing to publish.
        ApprovalRefusedError: the decision on this release does not count, or says no.
        RunFailedError: a step failed for another reason.
    """
    home = HomeResource(
        path=str(settings.home),
        sources_file=str(settings.sources_file or ""),
        is_locked=True,
        to_database=to_database,
    )
    with one_writer(settings.home, f"spm run {periods[0]}..{periods[-1]}"):
        _bury(settings.home, sweep(settings))
        result = _execute(settings, home, periods, record, everything)
        try:
            found = _outcome(home, result)
            database = home.database(result.run_id)
            # where a gate closed Dagster leaves out what is downstream of the release, published or not
            if database is None and to_database and found["release_id"]:
                database = keep_up(settings)
        finally:
            home.sweep(result.run_id)
    waits = found["waiting"]["periods"] if found.get("waiting") else []
    named = {*found["published"], *found["closed"], *found["unchanged"], *waits}
    skipped = [period for period in periods if period not in named]
    return RunOutcome(run_id=result.run_id, skipped=skipped, database=database, **found)


def _execute(
    settings: Settings, home: HomeResource, periods: Sequence[str], record: bool, everything: bool
) -> dg.ExecuteInProcessResult:
    job = build_definitions(settings, home=home).resolve_job_def(JOB_NAME)
    tags = {
        "dagster/asset_partition_range_start": periods[0],
        "dagster/asset_partition_range_end": periods[-1],
        **({EVERYTHING_TAG: "true"} if everything else {}),
    }
    with dagster_instance(settings.home) if record else _instance_in(settings.work) as instance:
        return job.execute_in_process(
            tags=tags,
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


@contextmanager
def _instance_in(work: Path) -> Iterator[dg.DagsterInstance]:
    # by itself Dagster takes a folder of the system's, which nobody would find after a kill
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as folder, dg.DagsterInstance.ephemeral(folder) as instance:
        yield instance


def _bury(home: Path, dead: Sequence[str]) -> None:
    if dead and (home / "dagster").exists():
        with dagster_instance(home) as instance:
            bury(instance, dead)


def _outcome(home: HomeResource, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    outcome_file = home.work_folder(result.run_id) / OUTCOME
    if outcome_file.exists():
        found: dict[str, Any] = json.loads(outcome_file.read_text())
        return found
    incomplete = home.incomplete(result.run_id)
    verdicts = load_verdicts(home.verdicts_file(result.run_id))
    # no period passed: the blocking checks kept the release asset from running at all
    if verdicts and not any(verdict.passed for verdict in verdicts):
        return {
            "release_id": None,
            "is_new": False,
            "published": [],
            "closed": closing_checks(verdicts),
            "unchanged": home.unchanged(result.run_id),
            "closed_rows": closing_rows(verdicts),
            "incomplete": incomplete,
        }
    error = _failure(result)
    if incomplete and isinstance(error, NothingReceivedError):
        raise SourceUnavailable(
            "; ".join(said for found in incomplete.values() for said in found["messages"])
        )
    raise error


@event.listens_for(Engine, "connect")
def _without_waiting_for_the_disk(connection: object, _record: object) -> None:
    # Dagster commits each event by itself; the history of runs need not outlive a power cut, releases do
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


def dagster_instance(home: Path) -> dg.DagsterInstance:
    """The Dagster instance of a home: its runs, events and schedules, in SQLite."""
    folder = home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "dagster.yaml").exists():
        write_whole(folder / "dagster.yaml", (PROJECT_DIR / "dagster.yaml").read_bytes())
    return dg.DagsterInstance.from_config(str(folder))


_KNOWN: dict[str, type[Exception]] = {
    known.__name__: known for known in (NothingReceivedError, ApprovalRefusedError)
}


def _failure(result: dg.ExecuteInProcessResult) -> Exception:
    for happened in result.all_events:
        if happened.is_step_failure:
            error = happened.step_failure_data.error
            while error is not None:
                if error.cls_name in _KNOWN:
                    return _KNOWN[error.cls_name](_last_line(error.message))
                if failure := store_failure(error.message):
                    return failure
                if error.cause is None:
                    return RunFailedError(f"{happened.step_key}: {_last_line(error.message)}")
                error = error.cause
    return RunFailedError("the run failed before its first step")


def _last_line(message: str) -> str:
    _, _, said = message.strip().partition(": ")
    return said or message.strip()
