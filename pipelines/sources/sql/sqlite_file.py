"""A query asked of a SQLite file: in a child process, because the file may be anybody's upload.

Put here: the child's limits, and what its answers mean. Keep out: opening the file (``sqlite_child``),
processes (``sandbox``).
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import stat
from collections.abc import Generator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import TextClause
from sqlalchemy.dialects import sqlite

from pipelines.messages import message
from pipelines.sandbox import Child, ChildEnded
from pipelines.sources.sql.batches import ROWS_PER_BATCH, as_batch
from pipelines.sources.sql.failures import Interrupted, PermanentFailure, refused_query, too_slow
from pipelines.submissions.extract import parsed

# -I: neither the current folder nor that one may stand in for the standard library
_PROGRAM = ("-I", "-S", "-X", "utf8", str(Path(__file__).with_name("sqlite_child.py")))
_MOST_MEMORY = 1 << 30
_HAS_A_LOG = slice(18, 20), b"\2\2"
"""Where the header of a database says that it is written through a write-ahead log, and how."""
_GRACE_SECONDS = 2
"""What the child has to end by itself before it is killed."""
_MESSAGE_BYTES = 256 << 20
"""More than the child sends, unless it is broken."""
_MOST_COMMAS = 32_000_000
_MAY_PASS = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL}
)
_DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT})
_TOO_LARGE = frozenset({sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_FULL})


def read(
    path: Path, query: TextClause, parameters: Mapping[str, str | int], seconds: float
) -> Generator[pa.RecordBatch]:
    """The answer in batches (``batches``); the first has no rows and names the columns.

    Raises:
        Interrupted: the file is locked, or the child died.
        PermanentFailure: the file is none, damaged or hostile, or the query is wrong or takes too long.
    """
    if not path.is_file():
        raise PermanentFailure(message("sql.no_file", file=path.name))
    request = {
        "uri": f"{path.as_uri()}?mode=ro",
        "query": str(query.compile(dialect=sqlite.dialect(paramstyle="named"))),
        "parameters": dict(parameters),
        "seconds": seconds,
        "rows": ROWS_PER_BATCH,
    }
    beside, index = _files_beside(path.resolve())
    child = Child(_PROGRAM, {}, reads=[path, *beside], writes=index)
    try:
        child.limit({resource.RLIMIT_AS: _MOST_MEMORY, resource.RLIMIT_CPU: int(seconds) + _GRACE_SECONDS})
        with child.within(seconds + _GRACE_SECONDS):
            child.pipe.send_bytes(json.dumps(request).encode())
            yield from _batches(child, seconds)
    except ChildEnded as ended:
        if ended.is_late:
            raise PermanentFailure(too_slow(seconds)) from None
        raise Interrupted(message("sql.reader_ended", how=ended)) from None
    finally:
        child.end()


def _files_beside(path: Path) -> tuple[list[Path], list[Path]]:
    """What SQLite reads beside a database, and the index of its log, which a reader writes too.

    SQLite makes an empty log and index where there is none. The child may make no file: we make them.
    """
    where, how = _HAS_A_LOG
    with path.open("rb") as file:
        has_log = file.read(where.stop)[where] == how
    journal, log, index = (path.with_name(path.name + ending) for ending in ("-journal", "-wal", "-shm"))
    if not has_log:
        return [journal], []
    for made in (log, index):
        with suppress(OSError):  # a folder that we may not write in: SQLite says what follows
            os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    return [journal, log, index], [index] if _is_its_own(index) else []


def _is_its_own(path: Path) -> bool:
    """Whether a name is a file that has no other name: no link to a file of somebody else."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _batches(child: Child, seconds: float) -> Generator[pa.RecordBatch]:
    names: list[str] | None = None
    count = 0
    while isinstance(answer := _answer(child), list):
        if names is None:
            names, answer = answer, []
        count += len(answer)
        try:
            batch = as_batch(names, answer)
        except (TypeError, ValueError, pa.ArrowException) as error:
            raise OSError(str(error)) from None
        yield batch
    if answer.get("rows") != str(count):
        raise _failure(str(answer.get("error")), int(answer.get("code", 0)), seconds)


def _answer(child: Child) -> Any:
    """The next message, with numbers as their texts and bytes as bytes."""
    content = child.pipe.recv_bytes(_MESSAGE_BYTES)
    try:
        if content.count(b",") > _MOST_COMMAS:
            raise ValueError("more values than a message holds")
        said = parsed(content.decode(), _bytes)
        if isinstance(said, list) or isinstance(said.get("code", "0"), str):
            return said
        raise ValueError("neither rows nor an end")
    except (ValueError, AttributeError, RecursionError) as error:
        # something else speaks in its place
        raise OSError(str(error)) from None


def _bytes(found: dict[str, Any]) -> Any:
    return bytes.fromhex(found["hex"]) if "hex" in found else found


def _failure(cause: str, code: int, seconds: float) -> Interrupted | PermanentFailure:
    primary = code & 0xFF
    if primary in _MAY_PASS:
        return Interrupted(cause)
    if primary == sqlite3.SQLITE_INTERRUPT:
        return PermanentFailure(too_slow(seconds))
    if primary in _DAMAGED:
        return PermanentFailure(message("sql.damaged_file", why=cause))
    if primary in _TOO_LARGE:
        return PermanentFailure(message("sql.too_large_to_read", why=cause))
    return refused_query(cause)
