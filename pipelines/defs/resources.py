"""Dagster resources: the home of a run's files, handed to assets and checks.

Put here: what several assets share. Keep out: what any of it means.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.build.leftovers import sweep
from pipelines.landing.raw_store import RawStore
from pipelines.publish.releases import Releases
from pipelines.settings import Settings, read_settings
from pipelines.storage.lock import one_writer
from pipelines.warehouse.dbt import WORK_FILE_NAME

WAIT_SECONDS = 600
"""How long a run that nobody watches (of a schedule, a sensor, the UI) waits for the one that writes."""


UNCHANGED = "unchanged.json"
DATABASE = "database.json"


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
        with self._held(context, run):
            # from here on a folder in work/ says that this run held the lock, should it die
            self.work_folder(run.run_id).mkdir(parents=True, exist_ok=True)
            yield self

    @contextmanager
    def _held(self, context: dg.InitResourceContext, run: dg.DagsterRun) -> Iterator[None]:
        if self.is_locked:
            yield
            return
        first, last = (run.tags.get(f"dagster/asset_partition_range_{end}") for end in ("start", "end"))
        periods = run.tags.get("dagster/partition") or f"{first}..{last}"
        warn = context.log.warning if context.log else print
        with one_writer(Path(self.path), f"Dagster {run.job_name} {periods}", WAIT_SECONDS, warn):
            dead = sweep(self.settings(), run.run_id)
            if context.instance:
                bury(context.instance, dead)
            try:
                yield
            finally:
                self.sweep(run.run_id)

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

    def verdicts_file(self, run_id: str) -> Path:
        """What the gate said."""
        return self.work_folder(run_id) / "verdicts.json"

    def store_incomplete(self, run_id: str, source: str, periods: list[str], messages: list[str]) -> None:
        """Note that a source could not be had in full for ``periods``, and why."""
        folder = self.work_folder(run_id) / "incomplete"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{source}.json").write_text(json.dumps({"periods": periods, "messages": messages}))

    def incomplete(self, run_id: str) -> dict[str, dict[str, list[str]]]:
        """For each source that could not be had in full, the ``periods`` and ``messages``."""
        found = sorted((self.work_folder(run_id) / "incomplete").glob("*.json"))
        return {path.stem: json.loads(path.read_text()) for path in found}

    def store_unchanged(self, run_id: str, periods: list[str]) -> None:
        """Note the asked periods that stay as they are published."""
        self.work_folder(run_id).mkdir(parents=True, exist_ok=True)
        (self.work_folder(run_id) / UNCHANGED).write_text(json.dumps(periods))

    def unchanged(self, run_id: str) -> list[str]:
        """The asked periods that stay as they are published."""
        path = self.work_folder(run_id) / UNCHANGED
        return list(json.loads(path.read_text())) if path.exists() else []

    def store_database(self, run_id: str, came: dict[str, Any]) -> None:
        """Note what came of loading the release into the database."""
        self.work_folder(run_id).mkdir(parents=True, exist_ok=True)
        (self.work_folder(run_id) / DATABASE).write_text(json.dumps(came))

    def database(self, run_id: str) -> dict[str, Any] | None:
        """What came of loading the release into the database; none where that was not tried."""
        path = self.work_folder(run_id) / DATABASE
        return dict(json.loads(path.read_text())) if path.exists() else None

    def sweep(self, run_id: str) -> None:
        """Throw a run's own files away."""
        shutil.rmtree(self.work_folder(run_id), ignore_errors=True)


def bury(instance: dg.DagsterInstance, dead: Sequence[str]) -> None:
    """Record that runs died, and free what they held: a pool that a dead run holds stops the next one."""
    for run_id in dead:
        run = instance.get_run_by_id(run_id)
        if run is not None and not run.is_finished:
            instance.report_run_failed(run, "proses berhenti sebelum selesai / the process died on the way")
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
