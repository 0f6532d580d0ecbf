"""The ledger of runs: a file in ``runs/`` of the home for each run, whichever door it came through.

It is written as the run starts and again as it ends; of a run that died the next writer says so.

Put here: what is kept of a run, and reading it. Keep out: what a run did (``build.record``), who runs
(``defs.resources``), printing (``cli.show``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from pipelines.build.record import RunRecord
from pipelines.publish.approvers import account_of_process
from pipelines.settings import Settings
from pipelines.storage.whole_files import write_whole

Ending = Literal[
    "running",
    "published",
    "unchanged",
    "gate closed",
    "waits for approval",
    "pinned",
    "failed",
    "stopped",
    "died",
]
LOG_SUFFIX = ".jsonl"
"""Of the log of a run, beside its file (``build.run_log``)."""
Door = Literal["command line", "UI", "schedule", "sensor"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of Dagster: its key, how it ended, how long it took."""

    name: str
    status: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run. Times are UTC; ``follows`` is the run whose gate closed before this one.

    ``closed`` gives the checks that closed the gate of each period, ``incomplete`` the periods for which a
    source could not be fetched in full. ``error`` is the first line of what failed. ``database_failed``: the
    release is published, and the database does not hold it. ``refused`` are the periods that documents were
    received for, and no row. ``page`` is the page on a closed gate, ``waiting`` the hash of what waits for
    approval. ``environment`` is the name of the installation.
    """

    run_id: str
    door: Door
    account: str
    process: int
    periods: list[str]
    started_at: datetime
    ended_at: datetime | None = None
    ended: Ending = "running"
    follows: str | None = None
    release_id: str | None = None
    published: list[str] = field(default_factory=list)
    closed: Mapping[str, list[str]] = field(default_factory=dict)
    incomplete: Mapping[str, list[str]] = field(default_factory=dict)
    database_failed: bool = False
    refused: list[str] = field(default_factory=list)
    page: str | None = None
    waiting: str | None = None
    error: str | None = None
    stages: list[Stage] = field(default_factory=list)
    environment: str | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took; none while it runs."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None


_AS_JSON = TypeAdapter(RunEntry)


def begin(
    settings: Settings, run_id: str, door: Door, process: int, periods: Sequence[str], follows: str | None
) -> RunEntry:
    """Note that a run starts."""
    entry = RunEntry(
        run_id,
        door,
        account_of_process(),
        process,
        list(periods),
        settings.wall_clock(),
        follows=follows,
        environment=settings.environment,
    )
    _write(settings, entry)
    return entry


def end(
    settings: Settings,
    entry: RunEntry,
    record: RunRecord,
    stages: Sequence[Stage],
    error: str | None,
    *,
    stopped: bool = False,
) -> RunEntry:
    """Note how a run ended, by what its steps recorded; ``stopped`` by a signal."""
    closed = {
        verdict.period: [found.check_id for found in verdict.closing]
        for verdict in record.verdicts
        if not verdict.passed
    }
    ended = replace(
        entry,
        ended_at=settings.wall_clock(),
        ended="stopped" if stopped else _ending(record, closed),
        release_id=record.release_id,
        published=record.published,
        closed=closed,
        incomplete={source: found.periods for source, found in record.incomplete.items()},
        database_failed="failed" in (record.database or {}),
        refused=record.refused,
        page=record.page,
        waiting=(record.waiting or {}).get("hash"),
        error=error,
        stages=list(stages),
    )
    _write(settings, ended)
    return ended


def note_loaded(settings: Settings) -> None:
    """Say that the database holds the current release, whatever the run that published it found."""
    last = next((entry for entry in entries(settings) if entry.release_id is not None), None)
    if last and last.database_failed:
        _write(settings, replace(last, database_failed=False))


def note_dead(settings: Settings, own_run: str | None) -> None:
    """Say of every run but ``own_run`` that did not note its end that it died: for the home's one writer."""
    for entry in entries(settings):
        if entry.run_id != own_run and entry.ended == "running":
            _write(settings, replace(entry, ended="died", ended_at=settings.wall_clock()))


def entries(settings: Settings) -> list[RunEntry]:
    """Every run, the latest first. A file that is none of the ledger's is left out."""
    return [entry for entry, _ in _files(settings)]


def ended_before(settings: Settings, instant: datetime) -> list[Path]:
    """Files and logs of runs that ended before ``instant``, but of the last one and those it follows."""
    found = _files(settings)
    by_id = {entry.run_id: entry for entry, _ in found}
    last = next((entry for entry, _ in found if entry.ended != "running"), None)
    needed: set[str] = set()
    while last is not None and last.run_id not in needed:
        needed.add(last.run_id)
        last = by_id.get(last.follows or "")
    old = [
        path
        for entry, path in found
        if entry.ended_at is not None and entry.ended_at < instant and entry.run_id not in needed
    ]
    logs = (path.with_suffix(LOG_SUFFIX) for path in old)
    return [*old, *(log for log in logs if log.exists())]


def _files(settings: Settings) -> list[tuple[RunEntry, Path]]:
    found = []
    for path in sorted(settings.runs.glob("*.json")):
        try:
            found.append((_AS_JSON.validate_json(path.read_bytes()), path))
        except ValidationError:
            continue
    return sorted(found, key=lambda one: (one[0].started_at, one[0].run_id), reverse=True)


def as_json(entry: RunEntry) -> bytes:
    """A run as it stands in its file."""
    return _AS_JSON.dump_json(entry, indent=1) + b"\n"


def _ending(record: RunRecord, closed: Mapping[str, list[str]]) -> Ending:
    if record.release_id is not None:
        return "published" if record.is_new else "unchanged"
    if record.waiting is not None:
        return "waits for approval"
    if record.pin is not None:
        return "pinned"
    return "gate closed" if closed else "failed"


def file_of(settings: Settings, entry: RunEntry) -> Path:
    """The file of a run."""
    return settings.runs / f"{entry.started_at:%Y%m%dT%H%M%S%f}-{entry.run_id[:8]}.json"


def _write(settings: Settings, entry: RunEntry) -> None:
    write_whole(file_of(settings, entry), as_json(entry))
