"""The homes of a trial: one with an old release, and what a run that nobody kills makes of it.

Put here: making, copying and comparing homes. Keep out: killing (``kills``), reading (``reader``).
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.storage.checked_files import sha256_of
from tests.chaos.process import finished, start

PERIODS = "2024-Q3..2024-Q4"
_RECEIVED = datetime(2025, 1, 10, 3, tzinfo=UTC).timestamp()
_HEAD = "record,region,period,service,component,target,realised"
_OWN_BYTES = {"spm.duckdb", "manifest.json"}
"""DuckDB does not promise to repeat the bytes of its file, whose hash stands in the manifest."""


@dataclass(frozen=True, slots=True)
class Trial:
    """``base`` has the release ``old`` and a document that no run saw; a run of ``seconds`` makes ``control``
    of it, with the release ``new``. ``chain``: most kills before a run is let end; ``rest``: a reader's.
    """

    folder: Path
    base: Path
    control: Path
    old: str
    new: str
    seconds: float
    chain: int = 5
    rest: float = 4

    @property
    def sources(self) -> Path:
        """The sources file of every run."""
        return self.folder / "sources.yaml"

    def home(self, name: str) -> Path:
        """A home of its own, as ``base`` is."""
        home = self.folder / name
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.base, home, symlinks=True)
        return home


def make_trial(folder: Path) -> Trial:
    """Make both homes by runs that end well."""
    sources = folder / "sources.yaml"
    sources.write_text("sources:\n- {name: inbox, kind: csv, path: 'inbox/*.csv'}\n", encoding="utf-8")
    base, control = folder / "base", folder / "control"
    _document(folder / "inbox" / "first.csv", "2024-Q3", 10)
    finished(start(base, sources, PERIODS))
    old = current(base)
    _document(folder / "inbox" / "second.csv", "2024-Q4", 20)
    shutil.copytree(base, control, symlinks=True)
    began = time.monotonic()
    finished(start(control, sources, PERIODS))
    return Trial(folder, base, control, old, current(control), time.monotonic() - began)


def differences(home: Path, control: Path) -> list[str]:
    """How a home differs from one where nobody killed anything: names of files, and their bytes."""
    ours, theirs = _files(home), _files(control)
    names = sorted(set(ours) ^ set(theirs))
    same = sorted(name for name in set(ours) & set(theirs) if Path(name).name not in _OWN_BYTES)
    return [f"{name}: {'only here' if name in ours else 'missing'}" for name in names] + [
        f"{name}: other bytes" for name in same if ours[name] != theirs[name]
    ]


def current(home: Path) -> str:
    """The id of the current release, by the pointer alone."""
    return Path(os.readlink(home / "published" / "current")).name


def _document(path: Path, period: str, realised: int) -> None:
    lines = [
        f"achievement,{region},{period},K-PEND-01,recipients,100,{realised}" for region in ("64.71", "64.72")
    ]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([_HEAD, *lines, ""]), encoding="utf-8")
    os.utime(path, (_RECEIVED, _RECEIVED))


def _files(home: Path) -> dict[str, str]:
    """Every file and folder below a home, with the hash of its bytes, or what a link points to."""
    found = {}
    for path in home.rglob("*"):
        name = path.relative_to(home).as_posix()
        if path.is_symlink():
            found[name] = os.readlink(path)
        else:
            found[name] = sha256_of(path) if path.is_file() else "folder"
    return found
