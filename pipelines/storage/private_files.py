"""Folders and files that the account of the service alone may read: what was sent, as it was sent.

A folder is closed to others (0700), whatever stands in it; its files are written so, too (0600), in case it
is copied elsewhere.

Put here: closing them. Keep out: which folders (``Settings.private``).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.settings import Settings

FOLDER, FILE, KEPT_FILE = 0o700, 0o600, 0o400
_OTHERS = 0o077


def keep_private(settings: Settings, *made: Path) -> None:
    """Close the private folders of a home that there are, those of earlier versions too; ``made`` are made.

    Raises:
        OSError: one belongs to another account.
    """
    for folder in settings.private:
        if folder in made and not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(FOLDER, exist_ok=True)
        if folder.exists() and stat.S_IMODE(folder.stat().st_mode) & _OTHERS:
            folder.chmod(FOLDER)


@contextmanager
def private_files() -> Iterator[None]:
    """Whatever this process makes inside is closed to others, by libraries too."""
    before = os.umask(_OTHERS)
    try:
        yield
    finally:
        os.umask(before)
