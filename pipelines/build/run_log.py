"""The log of a run: a line of JSON for each event, in ``runs/`` of the home beside the entry of the ledger.

Each line has ``time`` (UTC), ``run``, ``environment`` (none where it has no name), ``level``, ``stage`` (the
step of Dagster, none between steps) and ``message``: without secrets, personal data and control characters.

Put here: the file, the shape of a line. Keep out: which events of Dagster are told
(``defs.noted``), what is hidden (``registry.told``).
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pipelines import progress
from pipelines.build.ledger import LOG_SUFFIX, RunEntry, file_of
from pipelines.messages import printable, printable_json
from pipelines.registry.told import told
from pipelines.settings import Settings

MODE = 0o640
_LONGEST_MESSAGE = 4000


class RunLog:
    """The open log of one run; a full disk or a home that cannot be written stops no run."""

    def __init__(self, settings: Settings, entry: RunEntry) -> None:
        """Open the file; what it cannot take is left out."""
        self._stage: str | None = None
        self._logger = logging.Logger(f"spm.run.{entry.run_id}", logging.INFO)
        self.handler = _Handler(log_of(settings, entry), entry.run_id, settings.environment, self)
        self._logger.addHandler(self.handler)

    @property
    def stage(self) -> str | None:
        """The step that is at work, as far as anybody said."""
        return self._stage

    def event(self, level: int, message: str, stage: str | None) -> None:
        """One event, of this step; what is said until the next one is of that step too."""
        self._stage = stage
        self._logger.log(level, "%s", message)

    def leaves(self) -> None:
        """The step is over: what is said next is of none."""
        self._stage = None

    def step(self, text: str) -> None:
        """Work on something new begins (``progress.Reporter``)."""
        self._logger.info("%s", text)

    def advance(self, count: int) -> None:
        """Counts are for terminals."""


@contextmanager
def open_log(settings: Settings, entry: RunEntry) -> Iterator[RunLog]:
    """The log of a run. Inside, what long work says of itself is in it, and warnings of libraries are."""
    log = RunLog(settings, entry)
    root = logging.getLogger()
    root.addHandler(log.handler)
    try:
        with progress.heard_by(log):
            yield log
    finally:
        root.removeHandler(log.handler)
        log.handler.close()


def log_of(settings: Settings, entry: RunEntry) -> Path:
    """The file with the log of a run."""
    return file_of(settings, entry).with_suffix(LOG_SUFFIX)


class _Handler(logging.FileHandler):
    """Writes lines of JSON; what is of other loggers it takes from warnings on."""

    def __init__(self, path: Path, run_id: str, environment: str | None, log: RunLog) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self.run_id, self.environment, self.log = run_id, environment, log

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it belongs here: what Dagster says of the run comes as its events."""
        own = record.name == f"spm.run.{self.run_id}"
        of_library = record.levelno >= logging.WARNING and not record.name.startswith(("dagster", "spm.run."))
        return own or of_library

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line of JSON."""
        said = printable(told(" ".join(record.getMessage().split())))
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "run": self.run_id,
            "environment": self.environment,
            "level": record.levelname.lower(),
            "stage": self.log.stage,
            "message": said if len(said) <= _LONGEST_MESSAGE else said[:_LONGEST_MESSAGE] + "…",
        }
        return printable_json(json.dumps(line, ensure_ascii=False))

    def emit(self, record: logging.LogRecord) -> None:
        """Write it, as far as the disk lets us."""
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """A log that cannot be written is no reason to stop."""

    def close(self) -> None:
        """Close it; what the disk did not take is lost."""
        with suppress(OSError):
            super().close()

    def _open(self):  # type: ignore[no-untyped-def]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, MODE)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
