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
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from sqlalchemy import TextClause
from sqlalchemy.dialects import sqlite

from pipelines.sources.extract_document import parsed
from pipelines.sources.sql_batches import ROWS_PER_BATCH, as_batch
from pipelines.sources.sql_failures import Interrupted, Refused, refused_query, too_slow

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
) -> Iterator[pa.RecordBatch]:
    """The answer in batches (``sql_batches``); the first has no rows and names the columns.

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
    deadline = time.monotonic() + seconds + _GRACE_SECONDS
    # -I: neither the current folder nor this one may stand in for the standard library.
    # No environment: whoever breaks the child finds no secret in it
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-X", "utf8", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        watchdog = threading.Timer(seconds + _GRACE_SECONDS, child.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            _ask(child.stdin, request)
            yield from _batches(child.stdout, seconds)
            return
        finally:
            watchdog.cancel()
            child.kill()
    raise AssertionError(deadline)
