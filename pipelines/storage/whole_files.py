"""Files that are there in full or not at all, whatever ends the process that writes them, or the power.

A file is written beside its place, flushed to the disk, and takes its name last; then the folder that holds
the name is flushed. So is that of a folder that was made for it: a file in a folder whose own name is lost is
lost too. What a killed writer leaves has a name that ends in ``.partial`` (``build.leftovers``).

Put here: writing so. Keep out: what is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
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
    make_folder(path.parent)
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


def share(path: Path, existing: Path) -> bool:
    """Let ``path`` be one file with ``existing``, which has the same bytes; whether the file system can.

    Neither may be written in place from then on. Its folder is not flushed.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}{SUFFIX}")
    try:
        os.link(existing, partial)
    except OSError:
        return False  # no links here, or none to this file any more: a copy does as well
    os.replace(partial, path)
    return True


def make_folder(path: Path) -> None:
    """Make a folder and those above it that are not there yet, each with its name on the disk.

    Raises:
        OSError: one of them cannot be made.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    flush(path.parent)


def remove(path: Path) -> None:
    """Remove a file, if it is there, so that it does not come back with the power."""
    try:
        path.unlink()
    except FileNotFoundError:
        return
    flush(path.parent)


def flush(path: Path) -> None:
    """Have the disk hold what a file, or the list of names of a folder, holds now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_all(paths: Sequence[Path], top: Path) -> None:
    """Have the disk hold many files and all names below the folder ``top`` that lead to them.

    One after the other would take four times as long.
    """
    folders = {folder for path in paths for folder in path.parents if folder.is_relative_to(top)}
    with ThreadPoolExecutor(_FLUSHED_AT_ONCE) as pool:
        list(pool.map(flush, paths))
        list(pool.map(flush, folders))


@cache
def this_boot() -> str:
    """What tells this start of the machine from others.

    What was written without a flush is as it was written while the machine runs, and may be anything after
    its power was cut: who relies on such files asks whether they are of this start.
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        import psutil  # elsewhere than on Linux

        return str(int(psutil.boot_time()))


def writer_of(partial: Path) -> int | None:
    """The process that wrote, or writes, a partial file of this module; none where the name tells none."""
    pid = partial.name.removesuffix(SUFFIX).rpartition(".")[2]
    return int(pid) if pid.isdigit() else None
