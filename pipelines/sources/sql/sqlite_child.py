"""The child process that opens a SQLite file somebody sent, and says what a query finds in it.

It is run as a file of its own by ``sqlite_file``, so it imports the standard library alone. It gets one
message: a JSON object (``uri``, ``query``, ``parameters``, ``seconds``, ``rows``). It answers with messages
of JSON: the names of the columns, lists of at most so many rows (bytes in them are ``{"hex": …}``), and last
``{"rows": count}`` or ``{"error": …, "code": …}``.

Source: "Defense Against The Dark Arts", SQLite documentation.

Put here: opening the file safely. Keep out: limits of the process, what its answer means (``sqlite_file``).
"""

from __future__ import annotations

import json
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

HEAP_BYTES = 512 << 20
CELL_BYTES = 16 << 20
LONGEST_ROW = 32 << 20
MESSAGE_LENGTH = 1 << 20
"""Characters; a message ends with the row that makes it longer."""
BUSY_SECONDS = 2
STEPS_PER_LOOK = 10_000

READING = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: CELL_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
PRAGMAS = (
    "query_only = on",
    "trusted_schema = off",
    "cell_size_check = on",
    "mmap_size = 0",
    "temp_store = memory",
    f"hard_heap_limit = {HEAP_BYTES}",
)


def main() -> None:
    """Answer the one request, on the connection whose file descriptor is the last argument."""
    pipe = Connection(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear
    try:
        for answer in _answers(json.loads(pipe.recv_bytes())):
            pipe.send_bytes(answer.encode())
    except (sqlite3.Error, sqlite3.Warning) as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        pipe.send_bytes(_json({"error": str(error), "code": code}).encode())
    except MemoryError:
        pipe.send_bytes(_json({"error": "out of memory", "code": sqlite3.SQLITE_NOMEM}).encode())


def _answers(request: dict[str, Any]) -> Iterator[str]:
    connection = _open(request["uri"], time.monotonic() + request["seconds"])
    cursor = connection.execute(request["query"], request["parameters"])
    yield _json([column[0] for column in cursor.description or ()])
    count, rows, length = 0, [], 0
    for row in cursor:
        rows.append(_json(row))
        count, length = count + 1, length + len(rows[-1])
        if len(rows[-1]) > LONGEST_ROW:
            yield _json({"error": "a row beyond all bounds", "code": sqlite3.SQLITE_TOOBIG})
            return
        if len(rows) == request["rows"] or length > MESSAGE_LENGTH:
            yield f"[{','.join(rows)}]"
            rows, length = [], 0
    yield f"[{','.join(rows)}]"
    yield _json({"rows": count})


def _open(uri: str, deadline: float) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    for limit, value in LIMITS.items():
        connection.setlimit(limit, value)
    connection.text_factory = _text  # by itself it would end the query at the first letter that is no UTF-8
    connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_PER_LOOK)
    for pragma in PRAGMAS:
        connection.execute(f"pragma {pragma}")
    # from here on nothing but reading: no pragma, no attach, no write, whatever the query says
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY
    )
    return connection


def _json(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, default=lambda content: {"hex": content.hex()})


def _text(content: bytes) -> str:
    """A text as the parent reads one (``submissions.encodings``): UTF-8, else Windows-1252."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


if __name__ == "__main__":
    main()
