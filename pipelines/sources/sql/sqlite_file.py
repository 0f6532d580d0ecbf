"""A query asked of a SQLite file: in a child process, because the file may be anybody's upload.

Put here: the child's life, and what its answers mean. Keep out: opening the file (``sqlite_child``).
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from sqlalchemy import TextClause
from sqlalchemy.dialects import sqlite

from pipelines.sources.sql.batches import ROWS_PER_BATCH, as_batch
from pipelines.sources.sql.failures import Interrupted, Refused, refused_query, too_slow
from pipelines.submissions.extract import parsed

_CHILD = Path(__file__).with_name("sqlite_child.py")
_GRACE_SECONDS = 2
"""What the child has to end by itself before it is killed."""
_LINE_BYTES = 64 << 20
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
        Refused: the file is none, damaged or hostile, or the query is wrong or takes too long.
    """
    if not path.is_file():
        raise Refused(f"berkas {path.name} tidak ada; periksa 'url' / there is no such file; check 'url'")
    request = {
        "uri": f"{path.as_uri()}?mode=ro",
        "query": str(query.compile(dialect=sqlite.dialect(paramstyle="named"))),
        "parameters": dict(parameters),
        "seconds": seconds,
    }
    # -I: neither the current folder nor this one may stand in for the standard library.
    # No environment: whoever breaks the child finds no secret in it
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-X", "utf8", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    ) as child:
        watchdog = threading.Timer(seconds + _GRACE_SECONDS, child.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield from _answer(child, json.dumps(request).encode(), seconds)
        except Interrupted:
            if watchdog.finished.is_set():
                raise Refused(too_slow(seconds)) from None
            raise
        finally:
            watchdog.cancel()
            child.kill()


def _answer(child: subprocess.Popen[bytes], request: bytes, seconds: float) -> Generator[pa.RecordBatch]:
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(request)
        child.stdin.close()
    except BrokenPipeError:
        raise Interrupted(_died(child)) from None
    names: list[str] = []
    rows: list[list[Any]] = []
    count = 0
    for answer in _lines(child.stdout):
        if isinstance(answer, list):
            rows.append(answer)
            count += 1
        elif "columns" in answer:
            names = answer["columns"]
        elif answer.get("rows") == str(count):
            yield as_batch(names, rows)
            return
        else:
            raise _failure(str(answer.get("error")), int(answer.get("code", 0)), seconds)
        if not count or len(rows) == ROWS_PER_BATCH:
            yield as_batch(names, rows)
            rows = []
    raise Interrupted(_died(child))


def _lines(stdout: IO[bytes]) -> Iterator[Any]:
    """What the child printed, with numbers as their texts; a line without its end is none."""
    while (line := stdout.readline(_LINE_BYTES)).endswith(b"\n"):
        yield parsed(line.decode())
    if len(line) == _LINE_BYTES:
        raise _failure("a row beyond all bounds", sqlite3.SQLITE_TOOBIG, 0)


def _died(child: subprocess.Popen[bytes]) -> str:
    child.kill()
    status = child.wait()
    how = signal.Signals(-status).name if status < 0 else f"exit {status}"
    return f"proses pembaca berhenti / the reading process ended: {how}"


def _failure(cause: str, code: int, seconds: float) -> Interrupted | Refused:
    primary = code & 0xFF
    if primary in _MAY_PASS:
        return Interrupted(cause)
    if primary == sqlite3.SQLITE_INTERRUPT:
        return Refused(too_slow(seconds))
    if primary in _DAMAGED:
        return Refused(
            f"bukan berkas SQLite yang utuh ({cause}); minta kirim ulang "
            "/ no whole SQLite file; ask for it again"
        )
    if primary in _TOO_LARGE:
        return Refused(f"terlalu besar ({cause}); persempit kueri / too large; narrow the query")
    return refused_query(cause)
