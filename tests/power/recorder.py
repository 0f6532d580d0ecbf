"""A recorder of what a process writes below a folder: names, contents, and what it had flushed.

Whatever writes (Python, DuckDB, Arrow), the folder is looked at before each call that changes names or opens
a file to write, and at each ``fsync``; what differs from the look before was written in between. A flush by a
library itself is not seen: its files count as flushed by ours alone.

Put here: recording. Keep out: what a disk makes of it (``disks``).
"""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = 0
"""The node of the folder that is recorded."""
_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.truncate"}

Entry = tuple[int, str, int | None]
"""In the folder of that node the name now means that node; none: it is gone."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names that changed in one step: one, or the two of a rename."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A file now holds these bytes."""

    node: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Flushed:
    """The disk was made to hold a file's bytes, or a folder's names, as they were then."""

    node: int


@dataclass(frozen=True, slots=True)
class Promised:
    """From here on somebody was told that ``what`` is done."""

    what: str


Step = Names | Written | Flushed | Promised


@dataclass(slots=True)
class Journal:
    """The steps in their order; which nodes are folders, and where each link leads."""

    steps: list[Step] = field(default_factory=list)
    folders: set[int] = field(default_factory=lambda: {ROOT})
    links: dict[int, str] = field(default_factory=dict)


class Recorder:
    """Records ``root``, which is empty at first."""

    def __init__(self, root: Path) -> None:
        self.journal = Journal()
        self._root = str(root)
        self._names: dict[int, dict[str, int]] = {ROOT: {}}
        self._alive: dict[tuple[int, int], int] = {self._key(os.stat(root)): ROOT}
        self._looks: dict[int, tuple[int, ...]] = {}
        self._last_node = ROOT
        self._lock = threading.RLock()

    def promise(self, what: str) -> None:
        """Note that from here on ``what`` must not be lost."""
        with self._lock:
            self.look()
            self.journal.steps.append(Promised(what))

    def look(self) -> None:
        """Take note of what changed since the last look."""
        with self._lock:
            found: dict[int, dict[str, int]] = {}
            written: list[Written] = []
            appeared: dict[tuple[int, int], int] = {}
            folders = [(ROOT, self._root)]
            while folders:
                node, path = folders.pop()
                names = found.setdefault(node, {})
                try:
                    entries = sorted(os.scandir(path), key=lambda entry: entry.name)
                except FileNotFoundError:
                    continue
                for entry in entries:
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    child = self._node(status, entry.path, appeared)
                    names[entry.name] = child
                    if stat.S_ISDIR(status.st_mode):
                        folders.append((child, entry.path))
                    elif stat.S_ISREG(status.st_mode):
                        written += self._content(child, status, entry.path)
            self._note(found)
            self.journal.steps += written

    def flushed(self, descriptor: int) -> None:
        """Take note of a flush of an open file or folder."""
        with self._lock:
            self.look()
            node = self._alive.get(self._key(os.fstat(descriptor)))
            if node is not None:
                self.journal.steps.append(Flushed(node))

    def is_below(self, path: object) -> bool:
        """Whether a call is about something that is recorded, as far as its path tells."""
        named = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        return named.startswith(self._root) or not named.startswith("/")

    def _node(self, status: os.stat_result, path: str, appeared: dict[tuple[int, int], int]) -> int:
        key = self._key(status)
        if key not in self._alive:
            self._last_node += 1
            self._alive[key] = self._last_node
            if stat.S_ISDIR(status.st_mode):
                self.journal.folders.add(self._last_node)
                self._names[self._last_node] = {}
            elif stat.S_ISLNK(status.st_mode):
                self.journal.links[self._last_node] = os.readlink(path)
        appeared[key] = self._alive[key]
        return self._alive[key]

    def _content(self, node: int, status: os.stat_result, path: str) -> Iterator[Written]:
        looks = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if self._looks.get(node) != looks:
            self._looks[node] = looks
            yield Written(node, Path(path).read_bytes())

    def _note(self, found: dict[int, dict[str, int]]) -> None:
        gone: list[Entry] = []
        new: list[Entry] = []
        for node in {*self._names, *found}:
            before, now = self._names.get(node, {}), found.get(node, {})
            gone += [(node, name, None) for name in before if name not in now]
            new += [(node, name, child) for name, child in now.items() if before.get(name) != child]
        left = {self._names[node][name]: (node, name, None) for node, name, _ in gone}
        for folder, name, child in sorted(new):
            # a node that left one name and has another was renamed, in one step
            moved = [left.pop(child)] if child in left else []
            self.journal.steps.append(Names((*moved, (folder, name, child))))
        self.journal.steps += [Names((entry,)) for entry in sorted(left.values(), key=str)]
        # an inode whose last name is gone may be given to another file
        there = {ROOT, *(child for names in found.values() for child in names.values())}
        self._alive = {key: node for key, node in self._alive.items() if node in there}
        self._names = {node: names for node, names in found.items() if node in there}

    @staticmethod
    def _key(status: os.stat_result) -> tuple[int, int]:
        return status.st_dev, status.st_ino


_active: list[Recorder] = []
_is_hooked: list[bool] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if not _active:
        return
    is_change = event in _CHANGES
    if event == "open" and len(arguments) == 3:
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        is_change = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))
    recorder = _active[0]
    if is_change and recorder.is_below(arguments[0]):
        recorder.look()


@contextmanager
def recorded(root: Path) -> Iterator[Recorder]:
    """Record what this process writes below ``root`` while inside."""
    if not _is_hooked:
        sys.addaudithook(_hear)  # it stays with the process, and hears nothing outside
        _is_hooked.append(True)
    recorder = Recorder(root)
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        recorder.flushed(descriptor)

    os.fsync = noted  # type: ignore[assignment]
    _active.append(recorder)
    try:
        yield recorder
        recorder.look()
    finally:
        _active.clear()
        os.fsync = fsync
