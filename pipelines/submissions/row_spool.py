"""Rows of an extract on their way into documents: on disk, so that a million of them cost no memory.

Put here: keeping lines and giving them in order. Keep out: what a line is (``extract``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

_CACHE_KB = 8192


class Line(NamedTuple):
    """A line of a document: the name of the document, whose it is, the key that it is ordered by."""

    name: str
    region: str
    period: str
    key: list[str]
    text: str


def on_disk() -> sqlite3.Connection:
    """A database of nobody else, in a file without a name that is gone when it is closed."""
    # the documents that it holds may be taken by another thread than the one that asked for them
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode = off")
    connection.execute("pragma synchronous = off")
    connection.execute("pragma temp_store = file")
    connection.execute(f"pragma cache_size = -{_CACHE_KB}")
    return connection


class RowSpool:
    """Lines of documents, of a key of so many parts."""

    def __init__(self, key_parts: int) -> None:
        self._columns = ["name", "region", "period", *(f"k{part}" for part in range(key_parts)), "line"]
        self._rows = on_disk()
        # bytes are ordered as Python orders their texts, and hold any of them
        self._rows.execute(f"create table lines ({', '.join(f'{name} blob' for name in self._columns)})")

    def add(self, lines: Iterable[Line]) -> None:
        """Keep some more."""
        places = ", ".join("?" * len(self._columns))
        self._rows.execute("begin")
        self._rows.executemany(
            f"insert into lines values ({places})",
            (
                [text.encode() for text in (one.name, one.region, one.period, *one.key, one.text)]
                for one in lines
            ),
        )
        self._rows.execute("commit")

    def documents(self) -> Iterator[tuple[str, bytes]]:
        """The name and the bytes of each document, in order; one is held at a time."""
        ordered = self._rows.execute(
            f"select name, region, period, line from lines order by {', '.join(self._columns)}"
        )
        for name, of_name in groupby(ordered, itemgetter(0)):
            contents = _contents(of_name)
            first = next(contents)
            # two regions may be named alike: then the bytes decide
            for content in sorted([first, *contents]):
                yield name.decode(), content

    def close(self) -> None:
        """Let go of them."""
        self._rows.close()


def _contents(rows: Iterable[tuple[bytes, bytes, bytes, bytes]]) -> Iterator[bytes]:
    for _, of_one in groupby(rows, itemgetter(1, 2)):
        yield b"".join(row[3] for row in of_one)
