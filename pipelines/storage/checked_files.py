"""Files whose right bytes are known by their hash: which of them are other than they should be.

A file is hashed once a process, and again once anybody wrote it: one that was found right is known by its
inode, size and times until these change. Files are hashed side by side: hashing leaves other threads free.

Put here: hashing, and comparing with a hash. Keep out: whose hashes, and what is said of a file that differs.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_MOST_AT_ONCE = 8
_SETTLED_NS = 100_000_000
"""A file that was written so shortly ago may be written again at the same time by the clock of its disk."""
_known: dict[Path, tuple[tuple[int, ...], str]] = {}
"""The hash of each file that this process has hashed, and what the file looked like just before."""


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes, hexadecimal; the bytes are always read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def differing(wanted: Mapping[Path, str]) -> list[Path]:
    """Those of the files whose bytes have another sha256 than ``wanted``, are gone or cannot be read."""
    found = [path for path in wanted if not _is_known(path, wanted[path])]
    if not found:
        return []
    # the largest first: no thread ends long after the others
    found.sort(key=lambda path: (-_size(path), path))
    with ThreadPoolExecutor(min(_MOST_AT_ONCE, os.cpu_count() or 1)) as pool:
        hashes = dict(zip(found, pool.map(_hashed, found), strict=True))
    return [path for path in wanted if path in hashes and hashes[path] != wanted[path]]


def _is_known(path: Path, sha256: str) -> bool:
    try:
        return _known.get(path) == (_looks(path), sha256)
    except OSError:
        return False


def _hashed(path: Path) -> str | None:
    try:
        looks = _looks(path)
        sha256 = sha256_of(path)
    except OSError:
        return None
    if time.time_ns() - looks[-1] > _SETTLED_NS:
        _known[path] = looks, sha256
    return sha256


def _looks(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
