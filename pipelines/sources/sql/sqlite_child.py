"""The child process that opens a SQLite file somebody sent, and prints what a query finds in it.

It is run as a file of its own by ``sqlite_file``, so it imports the standard library alone. Standard input
holds one JSON object (``uri``, ``query``, ``parameters``, ``seconds``). Standard output gets one JSON text
a line: ``{"columns": […]}``, a list for each row, ``{"rows": count}``; or ``{"error": …, "code": …}``.

Source: "Defense Against The Dark Arts", SQLite documentation.

Put here: opening the file safely. Keep out: what its answer means.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Iterator
from typing import Any

MEMORY_BYTES = 1 << 30
HEAP_BYTES = 512 << 20
# only the index of a write-ahead log is ever written, and only beside a database that has one
FILE_BYTES = 16 << 20
CELL_BYTES = 16 << 20
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
    """Answer the one request."""
    request = json.load(sys.stdin)
    _confine(request["seconds"])
    try:
        for answer in _answers(request):
            _print(answer)
    except (sqlite3.Error, sqlite3.Warning) as error:
        _print({"error": str(error), "code": getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)})
    except MemoryError:
        _print({"error": "out of memory", "code": sqlite3.SQLITE_NOMEM})


def _confine(seconds: float) -> None:
    cpu_seconds = int(seconds) + 2
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (bound, bound))


def _answers(request: dict[str, Any]) -> Iterator[Any]:
    connection = _open(request["uri"], time.monotonic() + request["seconds"])
    cursor = connection.execute(request["query"], request["parameters"])
    yield {"columns": [column[0] for column in cursor.description or ()]}
    count = 0
    for row in cursor:
        count += 1
        yield row
    yield {"rows": count}


def _open(uri: str, deadline: float) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    for limit, value in LIMITS.items():
        connection.setlimit(limit, value)
    connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_PER_LOOK)
    for pragma in PRAGMAS:
        connection.execute(f"pragma {pragma}")
    # from here on nothing but reading: no pragma, no attach, no write, whatever the query says
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY
    )
    return connection


def _print(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, default=bytes.hex) + "\n")


if __name__ == "__main__":
    main()
