"""A file of this machine that somebody else put there: opened without waiting, without leaving its folder.

A sender can put a link to our own secrets into a folder, a pipe that nobody writes into, a device, or a file
that grows as it is read. None of them is a document, and each is refused by its name.

Put here: opening and reading one file. Keep out: which files there are (``fetching``).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pipelines.messages import message
from pipelines.submissions.file_facts import sane_time
from pipelines.submissions.rows import RawFile
from pipelines.submissions.unfetched import placeholder

_OF_DESCRIPTORS = Path("/proc/self/fd")
_PIECE = 2**20


class NoDocumentError(PermissionError):
    """What stands at the place of a document is none: a link that leads outside, a pipe, a device."""


def local_file(path: Path, limit: int, folder: Path | None = None) -> RawFile:
    """A file of this machine, or a placeholder for one of more than ``limit`` bytes.

    ``folder`` is what it must lie in, wherever links lead.

    Raises:
        NoDocumentError: it is no regular file, or lies outside of the folder.
        OSError: it cannot be read, or changes meanwhile.
    """
    # looked at first: to open a device can do something
    _demand_regular(os.stat(path).st_mode)
    # a pipe that took the file's place would be waited for
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        found = os.fstat(descriptor)
        _demand_regular(found.st_mode)
        if folder is not None:
            _demand_inside(_opened(descriptor, path), folder)
        arrived = sane_time(found.st_mtime)
        content = _read(descriptor, limit) if found.st_size <= limit else None
        if content is None:
            size = max(found.st_size, limit + 1)
            lines = placeholder(path.name, size, arrived.isoformat() if arrived else "", limit)
            return RawFile(str(path), lines, arrived)
        after = os.fstat(descriptor)
        if len(content) != found.st_size or (after.st_size, after.st_mtime_ns) != (
            found.st_size,
            found.st_mtime_ns,
        ):
            raise OSError(message("file.changes"))
        return RawFile(str(path), content, arrived)
    finally:
        os.close(descriptor)


def _demand_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NoDocumentError(message("file.not_regular", kind=_kind(mode)))


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "folder",
        stat.S_IFIFO: "pipe",
        stat.S_IFCHR: "device",
        stat.S_IFBLK: "device",
        stat.S_IFSOCK: "socket",
    }
    return kinds.get(stat.S_IFMT(mode), "?")


def _opened(descriptor: int, path: Path) -> Path:
    """Where the file that was opened lies, whatever the names on the way mean by now."""
    if _OF_DESCRIPTORS.exists():
        return Path(os.readlink(_OF_DESCRIPTORS / str(descriptor)))
    real = path.resolve(strict=True)
    if not os.path.samestat(os.stat(real, follow_symlinks=False), os.fstat(descriptor)):
        raise OSError(message("file.changes"))
    return real


def _demand_inside(real: Path, folder: Path) -> None:
    if not real.is_relative_to(folder.resolve()):
        raise NoDocumentError(message("file.link_outside", folder=folder))


def _read(descriptor: int, limit: int) -> bytes | None:
    """All of the file; none where it goes on beyond the limit."""
    content = bytearray()
    while piece := os.read(descriptor, _PIECE):
        content += piece
        if len(content) > limit:
            return None
    return bytes(content)
