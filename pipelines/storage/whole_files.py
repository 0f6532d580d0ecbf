"""Files that are there in full or not at all, whatever ends the process that writes them, or the power.

A file is written beside its place, flushed to the disk, and takes its name last; then the folder that holds
the name is flushed. What a killed writer leaves has a name that ends in ``.partial`` (``build.leftovers``).

Put here: writing so. Keep out: what is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

SUFFIX = ".partial"
_FLUSHED_AT_ONCE = 8


def write_whole(path: Path, content: bytes, mode: int = 0o644, *, flushed: bool = True) -> None:
    """Write a file that is there in full or not at all. One that is not ``flushed`` waits for ``flush_all``.

    Raises:
        OSError: it could not be written; what was there before is untouched.
    """
    with appearing(path, mode, flushed=flushed) as partial:
        partial.write_bytes(content)


@contextmanager
def appearing(path: Path, mode: int = 0o644, *, flushed: bool = True) -> Iterator[Path]:
    """A file to write; it takes its name and ``mode`` when the block ends well, and is gone when not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}{SUFFIX}")
    try:
        yield partial
        partial.chmod(mode)
        if flushed:
            flush(partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    if flushed:
        flush(path.parent)


def flush(path: Path) -> None:
    """Have the disk hold what a file, or the list of names of a folder, holds now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_all(paths: Sequence[Path]) -> None:
    """Have the disk hold many files and their names; one after the other would take four times as long."""
    with ThreadPoolExecutor(_FLUSHED_AT_ONCE) as pool:
        list(pool.map(flush, paths))
        list(pool.map(flush, {path.parent for path in paths}))


def writer_of(partial: Path) -> int | None:
    """The process that wrote, or writes, a partial file of this module; none where the name tells none."""
    pid = partial.name.removesuffix(SUFFIX).rpartition(".")[2]
    return int(pid) if pid.isdigit() else None
