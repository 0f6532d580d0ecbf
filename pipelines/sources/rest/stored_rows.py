"""The rows of an answer as the process that parsed it sent them: on disk where they are many.

Put here: keeping messages of rows, and giving the rows. Keep out: sending them (``body_child``).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

from pipelines.messages import message
from pipelines.settings import MB
from pipelines.sources.rest.answer import Misshapen
from pipelines.submissions.extract import Row, parsed

_IN_MEMORY = 4 * MB
_FRAME = struct.Struct("<QQ")


class StoredRows:
    """Rows in the order of the answer; they may be gone through several times."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._digest = hashlib.blake2b()
        self._count = 0

    def add(self, count: int, text: bytes) -> None:
        """Keep a JSON list of so many rows."""
        self._file.write(_FRAME.pack(len(text), count))
        self._file.write(text)
        self._digest.update(text)
        self._count += count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        place = 0
        while True:
            self._file.seek(place)
            if not (head := self._file.read(_FRAME.size)):
                return
            size, count = _FRAME.unpack(head)
            place += _FRAME.size + size
            rows = parsed(self._file.read(size).decode())
            if (
                not isinstance(rows, list)
                or len(rows) != count
                or not all(isinstance(row, dict) for row in rows)
            ):
                raise Misshapen("$", message("rest.parsing_ended", how="rows"))
            yield from rows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredRows) and self._digest.digest() == other._digest.digest()

    __hash__ = None  # type: ignore[assignment]
