"""Reading documents of any kind, in the order they came, each behind the guard and in a child process.

Put here: how many files are read at once. Keep out: which reader serves which kind (``dispatch``),
processes (``child``).
"""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from pipelines.messages import printable, say
from pipelines.readers.child import ChildNotStarted, read_in_child
from pipelines.readers.dispatch import too_large
from pipelines.settings import MB, Limits
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reading, Reject
from pipelines.submissions.unfetched import is_unfetched

READER_VERSION = "5"
"""Bumped when a reader gives other rows for the same bytes: what was read before is then read again."""

# look-ahead keeps every child busy while the caller works; its bytes are what this process holds
_AHEAD_FOR_EACH = 4
_AHEAD_BYTES = 32 * MB
_DEFAULT_LIMITS = Limits()
_LONGEST_CAUSE = 200


def read_documents(
    files: Iterable[RawFile], spec: ReadingSpec, workers: int, limits: Limits = _DEFAULT_LIMITS
) -> Iterator[tuple[RawFile, Reading]]:
    """Each document with its rows, or with the reason why there are none, in the order of ``files``.

    ``workers`` are read at a time, a few ahead of what the caller has taken: ``files`` may be a generator
    that fetches them, and only those few are held.

    Raises:
        ChildNotStarted: no reading process comes up.
    """
    ahead: deque[tuple[RawFile, Future[Reading]]] = deque()
    ahead_bytes = 0
    pool = ThreadPoolExecutor(workers)
    try:
        for file in files:
            ahead.append((file, pool.submit(_read, file, spec, limits)))
            ahead_bytes += len(file.content)
            while len(ahead) > _AHEAD_FOR_EACH * workers or (ahead_bytes > _AHEAD_BYTES and len(ahead) > 1):
                done, reading = ahead.popleft()
                ahead_bytes -= len(done.content)
                yield done, reading.result()
        for done, reading in ahead:
            yield done, reading.result()
    finally:
        pool.shutdown(cancel_futures=True)


def not_read(error: Exception) -> Reject:
    """The refusal of a document that a fault of ours met."""
    said = printable(f"{type(error).__name__}: {error}")[:_LONGEST_CAUSE]
    return Reject("DOC-016", "", f"{say('reading.error')}: {said}")


def _read(file: RawFile, spec: ReadingSpec, limits: Limits) -> Reading:
    # its size is known here: a file that is too large is not sent anywhere
    try:
        return (
            is_unfetched(file.content)
            or too_large(file.content, spec.kind, limits)
            or read_in_child(file, spec, limits)
        )
    except ChildNotStarted:
        raise
    except Exception as error:  # what one document finds stops no other
        traceback.print_exc()
        return not_read(error)
