"""Reading documents of any kind, in the order they came, each behind the guard and in a child process.

Put here: how many files are read at once. Keep out: which reader serves which kind (``dispatch``),
processes (``child``).
"""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from pipelines.messages import printable, say
from pipelines.readers.child import ChildNotStarted, read_in_child
from pipelines.readers.dispatch import too_large
from pipelines.settings import MB, Limits
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reading, Reject
from pipelines.submissions.unfetched import is_unfetched

READER_VERSION = "7"
"""Bumped when a reader gives other rows for the same bytes: what was read before is then read again."""

# look-ahead keeps every child busy while the caller works; its bytes are what this process holds
_AHEAD_FOR_EACH = 4
_AHEAD_BYTES = 48 * MB
_ROWS_TO_BYTES = 3
_DEFAULT_LIMITS = Limits()
_LONGEST_CAUSE = 200


class Budget:
    """The seconds that reading the documents of a source may take in a run.

    Once they are over a document has a tenth of its time and one try: the honest ones of a batch, which take
    a fraction of a second, are still read.
    """

    HURRY = 10

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    @property
    def is_spent(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self._ends_at


def read_documents(
    files: Iterable[RawFile],
    spec: ReadingSpec,
    workers: int,
    limits: Limits = _DEFAULT_LIMITS,
    budget: Budget | None = None,
) -> Iterator[tuple[RawFile, Reading]]:
    """Each document with its rows, or with the reason why there are none, in the order of ``files``.

    ``workers`` are read at a time, a few ahead of what the caller has taken: ``files`` may be a generator
    that fetches them, and only those few are held.

    Raises:
        ChildNotStarted: no reading process comes up.
    """
    ahead: deque[tuple[RawFile, Future[Reading]]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for file in files:
            while ahead and _is_far(ahead, file, workers):
                done, reading = ahead.popleft()
                yield done, reading.result()
                del done, reading
            ahead.append((file, pool.submit(_read, file, spec, limits, budget)))
        while ahead:
            done, reading = ahead.popleft()
            yield done, reading.result()
            del done, reading
    finally:
        pool.shutdown(cancel_futures=True)


def _is_far(ahead: deque[tuple[RawFile, Future[Reading]]], following: RawFile, workers: int) -> bool:
    """Whether the caller is to take the first one before ``following`` is begun."""
    held = sum(len(file.content) + _rows_bytes(file, reading) for file, reading in ahead)
    held += (1 + _ROWS_TO_BYTES) * len(following.content)
    unread = sum(not reading.done() for _, reading in ahead)
    return len(ahead) >= _AHEAD_FOR_EACH * workers or held > _AHEAD_BYTES or unread > workers


def _rows_bytes(file: RawFile, reading: Future[Reading]) -> int:
    """The rows that a document became; of one that is not read yet what a full table of it would be."""
    if not reading.done():
        return _ROWS_TO_BYTES * len(file.content)
    if reading.cancelled() or reading.exception():
        return 0
    found = reading.result()
    return 0 if isinstance(found, Reject) else int(found.nbytes)


def not_read(error: Exception) -> Reject:
    """The refusal of a document that a fault of ours met."""
    said = printable(f"{type(error).__name__}: {error}")[:_LONGEST_CAUSE]
    return Reject("DOC-016", "", f"{say('reading.error')}: {said}")


def _read(file: RawFile, spec: ReadingSpec, limits: Limits, budget: Budget | None) -> Reading:
    in_a_hurry = budget is not None and budget.is_spent
    if in_a_hurry:
        limits = replace(limits, parse_seconds=max(1, limits.parse_seconds // Budget.HURRY))
    # its size is known here: a file that is too large is not sent anywhere
    try:
        return (
            is_unfetched(file.content)
            or too_large(file.content, spec.kind, limits)
            or read_in_child(file, spec, limits, once=in_a_hurry)
        )
    except ChildNotStarted:
        raise
    except Exception as error:  # what one document finds stops no other
        traceback.print_exc()
        return not_read(error)
