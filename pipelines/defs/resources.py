"""Dagster resources: the home of a run's files, handed to assets and checks.

Put here: what several assets share. Keep out: what any of it means.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from pipelines.alerts.telling import tell_quietly
from pipelines.build.leftovers import sweep
from pipelines.defs.instance import fail_orphaned_runs
from pipelines.defs.noted import note_busy, noted
from pipelines.defs.partitions import RANGE_END, RANGE_START
from pipelines.landing.raw_store import RawStore
from pipelines.publish.releases import Releases
from pipelines.settings import Settings, read_settings
from pipelines.storage.lock import HomeBusyError, one_writer
from pipelines.storage.private_files import FOLDER, keep_private
from pipelines.warehouse.dbt import WORK_FILE_NAME

WAIT_SECONDS = 600
"""How long a run that nobody watches (of a schedule, a sensor, the UI) waits for the one that writes."""


class HomeResource(dg.ConfigurableResource):
    """SPM_HOME: raw store and landing are added to, work files belong to one run, releases never change.

    Only publishing moves what readers see; every other file of a run may be thrown away. A run is the only
    writer of its home; ``is_locked`` says that whoever started it saw to that. ``to_database``: what it
    publishes is loaded into the configured database too.
    """

    path: str
    sources_file: str = ""
    is_locked: bool = False
    to_database: bool = True

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[HomeResource]:
        """The home, for one run or one tick of a sensor.

        Raises:
            HomeBusyError: another run did not end in time.
        """
        run = context.run
        if run is None:
            yield self
            return
        with self._told_of(context), self._held(context, run):
            # from here on a folder in work/ says that this run held the lock, should it die
            keep_private(self.settings(), self.settings().work)
            self.work_folder(run.run_id).mkdir(mode=FOLDER, parents=True, exist_ok=True)
            with noted(self.settings(), run, context.instance, self.is_locked, self.to_database):
                yield self

    @contextmanager
    def _told_of(self, context: dg.InitResourceContext) -> Iterator[None]:
        """Once the home is free again people are told how the run ended; a command tells them itself."""
        try:
            yield
        finally:
            if not self.is_locked:
                tell_quietly(self.settings(), context.log.warning if context.log else print)

    @contextmanager
    def _held(self, context: dg.InitResourceContext, run: dg.DagsterRun) -> Iterator[None]:
        if self.is_locked:
            yield
            return
        whole_range = f"{run.tags.get(RANGE_START)}..{run.tags.get(RANGE_END)}"
        periods = run.tags.get("dagster/partition") or whole_range
        warn = context.log.warning if context.log else print
        try:
            with one_writer(Path(self.path), f"Dagster {run.job_name} {periods}", WAIT_SECONDS, warn):
                dead = sweep(self.settings(), run.run_id)
                if context.instance:
                    fail_orphaned_runs(context.instance, dead)
                try:
                    yield
                finally:
                    self.sweep(run.run_id)
        except HomeBusyError as busy:
            note_busy(self.settings(), run, str(busy))
            raise

    def settings(self) -> Settings:
        """The settings of the process, with this home."""
        return read_settings(
            home=Path(self.path), sources_file=Path(self.sources_file) if self.sources_file else None
        )

    def raw_store(self) -> RawStore:
        """The bytes of every document."""
        return RawStore(self.settings().raw)

    def releases(self) -> Releases:
        """What is published."""
        return Releases(self.settings().published)

    def work_folder(self, run_id: str) -> Path:
        """The folder of a run's own files."""
        return self.settings().work / run_id

    def work_file(self, run_id: str) -> Path:
        """The DuckDB file of a run; dbt is its one writer."""
        return self.work_folder(run_id) / WORK_FILE_NAME

    def candidate_folder(self, run_id: str) -> Path:
        """The tables that the run would publish."""
        return self.work_folder(run_id) / "candidate"

    def sweep(self, run_id: str) -> None:
        """Throw a run's own files away."""
        shutil.rmtree(self.work_folder(run_id), ignore_errors=True)
