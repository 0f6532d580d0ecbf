"""A query asked of a SQLite file: in a child process, because the file may be anybody's upload.

Put here: the child's limits, and what its answers mean. Keep out: opening the file (``sqlite_child``),
processes (``sandbox``).
"""

from __future__ import annotations

import json
import resource
import sqlite3
from collections.abc import Generator, Mapping
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
_LIMITS = {
    resource.RLIMIT_AS: 1 << 30,
    # only the index of a write-ahead log is ever written, and only beside a database that has one
    resource.RLIMIT_FSIZE: 16 << 20,
    resource.RLIMIT_NOFILE: 32,
    resource.RLIMIT_CORE: 0,
}
_GRACE_SECONDS = 2
"""What the child has to end by itself before it is killed."""
_MESSAGE_BYTES = 256 << 20
"""More than the child sends, unless it is broken."""
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
    child = Child(_PROGRAM, {})
    try:
        child.limit({**_LIMITS, resource.RLIMIT_CPU: int(seconds) + _GRACE_SECONDS})
        with child.within(seconds + _GRACE_SECONDS):
            child.pipe.send_bytes(json.dumps(request).encode())
            yield from _batches(child, seconds)
    except ChildEnded as ended:
        if ended.is_late:
            raise PermanentFailure(too_slow(seconds)) from None
        raise Interrupted(message("sql.reader_ended", how=ended)) from None
    finally:
        child.end()


def _batches(child: Child, seconds: float) -> Generator[pa.RecordBatch]:
    names: list[str] | None = None
    count = 0
    while isinstance(answer := _answer(child), list):
        if names is None:
            names, answer = answer, []
        count += len(answer)
        yield as_batch(names, answer)
    if answer.get("rows") != str(count):
        raise _failure(str(answer.get("error")), int(answer.get("code", 0)), seconds)


def _answer(child: Child) -> Any:
    """The next message, with numbers as their texts and bytes as bytes."""
    return parsed(child.pipe.recv_bytes(_MESSAGE_BYTES).decode(), _bytes)


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
