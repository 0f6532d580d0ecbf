"""One writer at a time: who writes in a home holds its lock, and whoever comes second is told who does.

The lock is the system's (flock) and goes with its process, however that ends. What the file says is for
people; a file that still says something when the lock is free says who died.

Put here: the lock of a home. Keep out: that of publishing (``publish.releases``), what the dead left
(``build.leftovers``). Readers take neither.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from pipelines.errors import UnavailableError

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
        HomeBusyError: see there.
        OSError: the home cannot be written.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK_FILE).open("a+", encoding="utf-8") as file:
        _take(file, home, wait_seconds, told)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = {"work": work, "pid": os.getpid(), "host": platform.node(), "since": since}
        file.truncate(0)
        file.write(json.dumps(holder))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def demand_free(home: Path) -> None:
    """Say at once that a home is taken, before anything slow is done; taking it is still to be done.

    Raises:
        HomeBusyError: see there.
    """
    if (home / LOCK_FILE).exists():
        with (home / LOCK_FILE).open(encoding="utf-8") as file:
            _take(file, home, 0, lambda said: None)


def _take(file: TextIO, home: Path, wait_seconds: float, told: Callable[[str], None]) -> None:
    until = time.monotonic() + wait_seconds
    waits = False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            said = _who(file, home)
        if time.monotonic() >= until:
            raise HomeBusyError(said)
        if not waits:
            told(said)
        waits = True
        time.sleep(_POLL_SECONDS)


def _who(file: TextIO, home: Path) -> str:
    file.seek(0)
    try:
        holder = json.loads(file.read())
        who = "{work}, pid {pid} @ {host}, sejak / since {since}".format(**holder)
    except (ValueError, KeyError):
        who = "proses yang baru mulai / a process that has just begun"
    return (
        f"{home} sedang ditulis oleh / is being written by: {who}; tunggu, lalu ulangi / wait, then try again"
    )
