"""Errors that a caller can act on, by what the caller can do, and the exit code of each.

Every exception class of ours that ends a command with one line is one of these; any other is a bug.

Put here: the base classes, exit codes, errors of disk and memory. Keep out: a module's own exceptions (they
stand beside the code that raises them), printing (``cli.options``).
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import ClassVar

from pipelines.messages import printable_lines, say


class ExitCode(IntEnum):
    """What ``spm`` ends with. A command that a signal stops ends with 128 and the signal's number."""

    DONE = 0
    REJECTED = 1
    BAD_USAGE = 2
    UNAVAILABLE = 3
    NOTHING_RECEIVED = 4
    APPROVAL_NEEDED = 5
    PINNED = 6
    BUG = 70


class SpmError(Exception):
    """An error whose message is one clear line: what, where, how to fix it. Subclasses give ``exit_code``."""

    exit_code: ClassVar[ExitCode]

    def __str__(self) -> str:
        # an address, a name or the words of a server may be in it, however it was put together
        return printable_lines(super().__str__())


class RejectedError(SpmError):
    """The data, or a decision, stand in the way: the gate closed, a model failed, an approval was refused."""

    exit_code = ExitCode.REJECTED


class ConfigurationError(SpmError):
    """The command, the environment, a file of configuration or the registry has to be changed."""

    exit_code = ExitCode.BAD_USAGE


class UnavailableError(SpmError):
    """A source or a store failed after its retries; once it is back the same command may succeed."""

    exit_code = ExitCode.UNAVAILABLE


_STORE_FAILURES = {
    "store.disk_full": r"No space left on device|disk is full|Disk quota exceeded|File too large",
    "store.not_writable": (
        r"Read-only file system|Permission denied|Operation not permitted|readonly database"
        r"|Input/output error|disk I/O error"
    ),
    "store.no_memory": r"Out of Memory Error|MemoryError|Cannot allocate memory|std::bad_alloc",
    "store.too_many_files": r"Too many open files",
}
"""What the machine can refuse, by the words of the system, of DuckDB and of SQLite: the three have no class
of exception in common."""


class StoreFailedError(UnavailableError):
    """Disk or memory failed a run; what is published is untouched, and the run may be tried again."""


def expected(error: BaseException) -> SpmError | None:
    """The error itself where it is one of ours, a ``StoreFailedError`` of disk or memory; none for a bug."""
    if isinstance(error, SpmError):
        return error
    is_of_the_machine = isinstance(error, OSError | MemoryError) or _LIBRARIES & _packages(type(error))
    return store_failure(f"{type(error).__name__}: {error}") if is_of_the_machine else None


def _packages(kind: type[BaseException]) -> set[str]:
    return {one.__module__.partition(".")[0] for one in kind.__mro__}


_LIBRARIES = {"duckdb", "_duckdb", "sqlite3", "sqlalchemy"}
"""Libraries that have exceptions of their own for what disk and memory refuse; from others it is a bug."""


def store_failure(text: str) -> StoreFailedError | None:
    """The error of disk or memory that the text of an error, with its class, tells of; none of another."""
    for message_id, words in _STORE_FAILURES.items():
        if re.search(words, text):
            line = next((line for line in text.splitlines() if re.search(words, line)), text).strip()
            return StoreFailedError(say("store.failed", at=f"{say(message_id)}: {line}"))
    return None
