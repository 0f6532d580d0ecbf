"""What was told to whom: a file of the home, so that each state is told as it begins and as it ends, once.

Put here: the record and its file. Keep out: deciding what is told (``telling``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from pipelines.settings import Settings
from pipelines.storage.private_files import FILE
from pipelines.storage.whole_files import make_folder, write_whole

LOCK_FILE = ".alerts"
_WAIT_SECONDS = 60
_RESERVED_BYTES = 256 * 1024


@dataclass(slots=True)
class State:
    """One problem as it was when it began: its words, and who was told that it began and that it ended.

    Times are UTC. Without ``ended_at`` it lasts.
    """

    kind: str
    subject: str
    sentence: str
    details: list[str]
    owners: list[str]
    began_at: datetime
    told: list[str] = field(default_factory=list)
    ended_at: datetime | None = None
    told_end: list[str] = field(default_factory=list)


_AS_JSON = TypeAdapter(dict[str, State])


@contextmanager
def alone(settings: Settings) -> Iterator[bool]:
    """Whether nobody else tells of this home now, after a wait: a run and a sensor may end at once."""
    from filelock import FileLock, Timeout

    make_folder(settings.home)
    lock = FileLock(settings.home / LOCK_FILE, fallback_to_soft=False)
    try:
        lock.acquire(timeout=_WAIT_SECONDS)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def read_states(settings: Settings) -> dict[str, State]:
    """What was told so far; nothing where the file is gone or none of ours, so that all is told anew."""
    try:
        return _AS_JSON.validate_json(settings.told.read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}


def write_states(settings: Settings, states: dict[str, State]) -> bool:
    """Keep what was told; whether it could be kept.

    On a full disk a reserve makes way for it, or what cannot be kept would be told again and again.
    """
    reserve = settings.told.with_suffix(".reserve")
    content = _AS_JSON.dump_json(states, indent=1) + b"\n"
    for makes_way in (False, True):
        if makes_way:
            with suppress(OSError):
                reserve.unlink()
        try:
            write_whole(settings.told, content, FILE)
        except OSError:
            continue
        with suppress(OSError):
            if not makes_way and not reserve.exists():
                write_whole(reserve, b"\0" * _RESERVED_BYTES, FILE)
        return True
    return False
