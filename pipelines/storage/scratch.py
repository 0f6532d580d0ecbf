"""Folders that are thrown away: by the command that made one, or, where it was killed, by a later one.

Whoever made a folder holds its lock (flock), which the system frees with the process, however that ends: a
folder whose lock is free is nobody's. So no process id is asked for, which another container may not know.

Put here: making and sweeping them. Keep out: what a run leaves in ``work/`` (``build.leftovers``).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = ".spm-scratch-"
"""No name that a person would give to a folder that is to stay."""


@contextmanager
def scratch_folder(purpose: str, below: Path | None = None) -> Iterator[Path]:
    """An empty folder for this account alone, gone at the end; those of killed commands beside it go first.

    It lies in ``below``, or where the system keeps such folders, if there is none or it cannot be written.

    Raises:
        OSError: it cannot be made.
    """
    parent = _writable(below) or _system()
    sweep_scratch(parent)
    folder, descriptor = _made(purpose, parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def sweep_scratch(*parents: Path) -> None:
    """Remove the folders of this account that killed commands left there, or where the system keeps such."""
    for folder in (folder for parent in parents or (_system(),) for folder in parent.glob(f"{PREFIX}*")):
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # gone by now, no folder, or not ours to look into
        try:
            if os.fstat(descriptor).st_uid == os.getuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # somebody is at work in it, or the file system cannot tell
        finally:
            os.close(descriptor)


def _system() -> Path:
    return Path(tempfile.gettempdir())


def _writable(folder: Path | None) -> Path | None:
    if folder is None:
        return None
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _made(purpose: str, parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-", dir=parent))
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue  # a sweep came before the lock
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            return folder, descriptor  # no locks here: nobody can sweep it either
        if folder.exists():
            return folder, descriptor
        os.close(descriptor)
