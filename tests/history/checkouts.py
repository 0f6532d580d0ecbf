"""The project as it was in a time of the script: the code of now with the registry of then.

A registry changes by a reviewed change of the project, so each state of it is a copy of the project, whose
runs are processes of their own. Nothing is patched: dbt reads, tests and hashes the seeds that lie there.

Put here: making those copies and talking to them. Keep out: what they do (``worker``), what changes
(``script``).
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.settings import PROJECT_DIR

Rows = list[dict[str, str]]
_PARTS = ("pipelines", "expectations", "dbt_project", "tests/history")
_NOT_COPIED = shutil.ignore_patterns("__pycache__", "logs", ".*.lock", "registry-partial")


class WorkerFailedError(RuntimeError):
    """A run in a checkout failed; the message holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A reviewed change of one seed: its rows before, and what they become."""

    seed: str
    change: Callable[[Rows], Rows]

    def make(self, seeds: Path) -> None:
        """Write the seed again, its header and dialect as they are."""
        path = seeds / f"{self.seed}.csv"
        reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
        rows = self.change(list(reader))
        text = io.StringIO()
        writer = csv.DictWriter(text, reader.fieldnames or [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(text.getvalue(), encoding="utf-8")


class Checkout:
    """A copy of the project below ``folder`` after ``edits``; its process starts with the first question."""

    def __init__(self, folder: Path, edits: Sequence[Edit]) -> None:
        self._folder = folder
        self._log = folder.with_suffix(".log")
        self._process: subprocess.Popen[str] | None = None
        for part in _PARTS:
            shutil.copytree(PROJECT_DIR / part, folder / part, ignore=_NOT_COPIED)
        (folder / "tests" / "__init__.py").touch()
        for edit in edits:
            edit.make(folder / "dbt_project" / "seeds")

    def ask(self, do: str, **arguments: Any) -> Any:
        """What ``worker`` answers.

        Raises:
            WorkerFailedError: the process ended without an answer.
        """
        if self._process is None:
            with self._log.open("a") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "tests.history.worker"],
                    cwd=self._folder,
                    env={**os.environ, "PYTHONPATH": str(self._folder), "PYTHONDONTWRITEBYTECODE": "1"},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(json.dumps({"do": do, **arguments}, default=str) + "\n")
        asked.flush()
        answer = answers.readline()
        if not answer:
            self.close()
            raise WorkerFailedError("\n".join(self._log.read_text().splitlines()[-15:]))
        return json.loads(answer)

    @property
    def is_running(self) -> bool:
        """Whether its process is there, which holds the libraries of a run."""
        return self._process is not None

    def close(self) -> None:
        """End the process; the copy stays."""
        if self._process is not None:
            self._process.communicate()
            self._process = None
