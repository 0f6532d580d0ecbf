"""What a pass over the pages of an API has read: each row and key, on disk, as a million of them take 300 MB.

Put here: whether a row was read, and on which page a key was. Keep out: what a row or key is (``connector``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pipelines.submissions.row_spool import on_disk

_SIZE = 1 << 128


class PassIndex:
    """The rows of a pass by their fingerprints (16 bytes), and the page of each key (16 bytes)."""

    def __init__(self) -> None:
        self._read = on_disk()
        self._read.execute("create table rows (fingerprint blob primary key) without rowid")
        self._read.execute("create table keys (key blob primary key, page integer) without rowid")
        self._sum = self._count = 0

    def __contains__(self, fingerprint: bytes) -> bool:
        found = self._read.execute("select 1 from rows where fingerprint = ?", (fingerprint,)).fetchone()
        return found is not None

    def note(self, fingerprints: Sequence[bytes], keys: Sequence[bytes], page: int) -> tuple[int, int] | None:
        """Note some rows of a page.

        Returns the first of them that has a key of an earlier page, and the number of that page; after that
        the index is of no more use.
        """
        execute = self._read.execute
        execute("begin")
        before = self._read.total_changes
        self._read.executemany(
            "insert or ignore into keys values (?, ?)", [(key, page) for key in dict.fromkeys(keys)]
        )
        if self._read.total_changes - before < len(set(keys)):
            for at, key in enumerate(keys):
                (known,) = execute("select page from keys where key = ?", (key,)).fetchone()
                if known != page:
                    return at, known
        self._read.executemany("insert or ignore into rows values (?)", [(found,) for found in fingerprints])
        execute("commit")
        self._sum = (self._sum + sum(int.from_bytes(found) for found in fingerprints)) % _SIZE
        self._count += len(fingerprints)
        return None

    def digest(self) -> bytes:
        """A hash of all rows, whatever their order."""
        return hashlib.sha256(f"{self._count} {self._sum}".encode()).digest()
