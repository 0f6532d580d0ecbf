"""Reading documents of any kind, in the order they came, on as many cores as it pays to use.

Put here: which reader serves which kind, and how many files are read at once. Keep out: the readers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from pipelines.sources import csv, workbook
from pipelines.sources.specs import ReadingSpec
from pipelines.submissions.rows import RawFile, Reading

READER_VERSION = "1"
"""Bumped when a reader gives other rows for the same bytes: what was read before is then read again."""

READERS: dict[str, Callable[[RawFile, ReadingSpec], Reading]] = {"csv": csv.read, "workbook": workbook.read}
"""The reader of each kind of source."""

# 552 workbooks of 300 rows on two busy cores: one thread 2.7 to 3.4 s, two threads 2.2 to 3.2 s, two
# processes 2.3 to 5.3 s: threads, which have no start and no copying to go wrong. 552 CSV files: 0.5 s in one
_IN_THREADS = frozenset({"workbook"})


def read_documents(
    files: Iterable[RawFile], spec: ReadingSpec, workers: int
) -> Iterator[tuple[RawFile, Reading]]:
    """Each document with its rows, or with the reason why there are none, in the order of ``files``.

    Workbooks are read ``workers`` at a time, a few ahead of what the caller has taken: ``files`` may be
    a generator that fetches them, and only those few are held.
    """
    reader = READERS[spec.kind]
    if workers <= 1 or spec.kind not in _IN_THREADS:
        for file in files:
            yield file, reader(file, spec)
        return
    ahead: deque[tuple[RawFile, Future[Reading]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for file in files:
            ahead.append((file, pool.submit(reader, file, spec)))
            if len(ahead) > 4 * workers:
                done, reading = ahead.popleft()
                yield done, reading.result()
        for done, reading in ahead:
            yield done, reading.result()
