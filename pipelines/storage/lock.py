"""One writer at a time: who writes in a home holds its lock, and whoever comes second is told who does.

The lock is the system's (flock) and goes with its process, however that ends. What the file says is for
people; a file that still says something when the lock is free says who died.

Put here: the lock of a home. Keep out: that of publishing (``publish.releases``), what killed runs left
(``build.leftovers``). Readers take neither.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipelines.errors import UnavailableError
from pipelines.messages import message, say
from pipelines.storage.whole_files import make_folder

LOCK_FILE = ".writer"
"""In SPM_HOME. It is never removed: a new one would be another lock."""

_POLL_SECONDS = 0.5


class HomeBusyError(UnavailableError):
    """Another process writes in this home; the message says which, where, since when and doing what."""


@contextmanager
def one_writer(
    home: Path, work: str, wait_seconds: float = 0, told: Callable[[str], None] = lambda said: None
) -> Iterator[None]:
    """Be the only writer of ``home`` while inside; ``work`` is what others are told.

    For ``wait_seconds`` it waits for the present one, once ``told`` was called with who that is.

    Raises:
        HomeBusyError: another process writes in it, and did not end in time.
        OSError: the home cannot be written.
    """
    make_folder(home)
    with _acquired(home, wait_seconds, told):
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = {"work": work, "pid": os.getpid(), "host": platform.node(), "since": since}
        (home / LOCK_FILE).write_text(json.dumps(holder), encoding="utf-8")
        try:
            yield
        finally:
            (home / LOCK_FILE).write_text("")


def demand_free(home: Path) -> None:
    """Say at once that a home is taken, before anything slow is done; taking it is still to be done.

    Raises:
        HomeBusyError: another process writes in it.
    """
    if (home / LOCK_FILE).exists():
        with _acquired(home):
            pass


def writer_of_home(home: Path) -> str | None:
    """Who writes in a home now, in a sentence; none where nobody does."""
    try:
        demand_free(home)
    except HomeBusyError as busy:
        return str(busy)
    return None


def _acquired(
    home: Path, wait_seconds: float = 0, told: Callable[[str], None] = lambda said: None
) -> AbstractContextManager[object]:
    # most commands take no lock and need not wait for the import
    from filelock import FileLock, Timeout

    # its fallback for file systems without flock is a file that a killed process would leave
    lock = FileLock(home / LOCK_FILE, fallback_to_soft=False)
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        if wait_seconds:
            told(_who(home))
    try:
        return lock.acquire(timeout=wait_seconds, poll_interval=_POLL_SECONDS)
    except Timeout:
        raise HomeBusyError(_who(home)) from None


def _who(home: Path) -> str:
    try:
        holder = json.loads((home / LOCK_FILE).read_text(encoding="utf-8"))
        who = message(
            "home.writer",
            work=holder["work"],
            pid=str(holder["pid"]),
            host=holder["host"],
            since=holder["since"],
        )
    except (ValueError, KeyError):
        who = message("home.writer_unknown")
    return say("home.busy", at=home, who=who)
