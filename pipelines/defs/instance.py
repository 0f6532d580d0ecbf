"""Dagster's own storage: the history of runs in a home, or none that is kept.

Put here: instances, and repairing what an orphaned run left in one. Keep out: running (``in_process``).
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import dagster as dg

# as `dagster run migrate-repository` does it; Dagster gives these no public name
from dagster._core.remote_origin import (  # noqa: TID251
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipelines.errors import ConfigurationError
from pipelines.messages import say, shown
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.storage.private_files import keep_private
from pipelines.storage.whole_files import write_whole

LOCATION, REPOSITORY = "spm", "__repository__"
"""Where the workspace files say that the jobs are, and what Dagster calls the one repository there."""

COMMAND_TAG = "spm/command"
"""Tag of a run of the command line: its own id, because a run that executes it again takes over its tags."""

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


@contextmanager
def dagster_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of a home: its runs, events and schedules, in SQLite.

    Raises:
        ConfigurationError: Dagster cannot open files of its in a folder of that name.
    """
    folder = (home / "dagster").resolve()
    # Dagster makes an address of the path as it is, and SQLAlchemy reads %41 in it as A
    if unquote(str(folder)) != str(folder):
        raise ConfigurationError(say("setting.no_history", at=home))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "dagster.yaml").exists():
        write_whole(folder / "dagster.yaml", (PROJECT_DIR / "dagster.yaml").read_bytes())
    with _unflushed(folder), dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance


@contextmanager
def history(settings: Settings, warn: Callable[[str], object]) -> Iterator[dg.DagsterInstance]:
    """The instance of the home; where it cannot be opened, one that passes and a line that says why."""
    with ExitStack() as opened:
        try:
            instance = opened.enter_context(dagster_instance(settings.home))
            instance.get_runs_count()  # that it can be read
        except (ConfigurationError, OSError, SQLAlchemyError, sqlite3.Error, dg.DagsterError) as error:
            opened.close()
            line = next(iter(str(error).splitlines()), type(error).__name__)
            warn(say("run.not_recorded", detail=shown(line)))
            instance = opened.enter_context(passing_instance(settings))
        yield instance


@contextmanager
def passing_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """An instance in memory, gone with the run."""
    # by itself Dagster takes a folder of the system's, which nobody would find after a kill
    keep_private(settings, settings.work)
    with (
        tempfile.TemporaryDirectory(dir=settings.work) as folder,
        dg.DagsterInstance.ephemeral(folder) as instance,
    ):
        yield instance


@contextmanager
def _unflushed(folder: Path) -> Iterator[None]:
    """SQLite files in ``folder`` do not wait for the disk: Dagster commits each event by itself, and the
    history of runs need not outlive a power cut."""

    def relax(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            ((_, _, file),) = connection.execute("pragma database_list").fetchall()
            if Path(file).is_relative_to(folder):
                connection.execute("pragma synchronous = off")

    # Dagster makes an engine for each connection, so that there is none to listen to
    event.listen(Engine, "connect", relax)
    try:
        yield
    finally:
        event.remove(Engine, "connect", relax)


def is_of_command(run: dg.DagsterRun) -> bool:
    """Whether a command executes the run: it sees itself to what follows, and to the exit code."""
    return run.tags.get(COMMAND_TAG) == run.run_id


def in_workspace(instance: dg.DagsterInstance, run_id: str, job_name: str) -> dict[str, str]:
    """Have a run that this process executes stand in the code location of the workspace, so that the UI can
    execute it again. For before it begins; returns the tags that go with it.

    Dagster takes no code location for a run in this process, so it is noted with the first event of the run.
    """
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(LOCATION), REPOSITORY)
    origin = RemoteJobOrigin(repository, job_name)
    unnoted = [run_id]

    def note(entry: dg.EventLogEntry) -> None:
        if entry.run_id in unnoted and (run := instance.get_run_by_id(run_id)):
            unnoted.remove(run_id)
            instance.run_storage.replace_job_origin(run, origin)

    instance.add_event_listener(run_id, note)
    return {
        COMMAND_TAG: run_id,
        ".dagster/repository": repository.get_label(),
        "dagster/code_location": LOCATION,
    }


def old_runs(instance: dg.DagsterInstance, before: datetime) -> list[str]:
    """The ids of runs that were asked for before an instant and ended."""
    filters = dg.RunsFilter(statuses=_ENDED, created_before=before)
    return [run.run_id for run in instance.get_runs(filters)]


def forget_runs(instance: dg.DagsterInstance, run_ids: Sequence[str]) -> None:
    """Delete runs with their events and what their processes printed."""
    for run_id in run_ids:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.delete_run(run_id)
        # in SQLite each run has a file of its own, which Dagster empties and leaves
        for path in Path(instance.root_directory, "history", "runs").glob(f"{run_id}.db*"):
            path.unlink()


def fail_orphaned_runs(instance: dg.DagsterInstance, run_ids: Sequence[str]) -> None:
    """Mark runs whose process is gone as failed, and release their slots: a pool that one holds would stop
    the next run."""
    for run_id in run_ids:
        run = instance.get_run_by_id(run_id)
        if run is not None and not run.is_finished:
            instance.report_run_failed(run, say("run.process_gone"))
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
