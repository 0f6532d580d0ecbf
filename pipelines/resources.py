"""Dagster resources: the home of a run's files, handed to assets and checks.

Put here: what several assets share. Keep out: what any of it means.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import dagster as dg

from pipelines.dbt_runner import WORK_FILE_NAME
from pipelines.landing.raw_store import RawStore
from pipelines.publish.releases import Releases
from pipelines.settings import Settings, read_settings


class HomeResource(dg.ConfigurableResource):
    """SPM_HOME: raw store and landing are added to, work files belong to one run, releases never change.

    Only publishing moves what readers see; every other file of a run may be thrown away.
    """

    path: str
    sources_file: str = ""

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

    def sweep(self, run_id: str) -> None:
        """Throw a run's own files away."""
        shutil.rmtree(self.work_folder(run_id), ignore_errors=True)
