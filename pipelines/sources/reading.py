"""Reading documents of any kind, in the order they came, on as many cores as there are.

Put here: which reader serves which kind, and how many files are read at once. Keep out: the readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pipelines.sources import csv, workbook
from pipelines.sources.config import SourceSpec
from pipelines.submissions.rows import RawFile, Reading

READER_VERSION = "1"
"""Bumped when a reader gives other rows for the same bytes: what was read before is then read again."""

READERS: dict[str, Callable[[RawFile, SourceSpec], Reading]] = {"csv": csv.read, "workbook": workbook.read}
"""The reader of each kind of source."""


def read_documents(
    files: Iterable[RawFile], spec: SourceSpec, workers: int
) -> Iterator[tuple[RawFile, Reading]]:
    """Each document with its rows, or with the reason why there are none, in the order of ``files``."""
    reader = READERS[spec.kind]
    for file in files:
        yield file, reader(file, spec)
