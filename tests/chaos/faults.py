"""A disk that is full, folders that cannot be written, memory that runs out: one clear line, then recovery.

The homes lie on file systems of the trial's own, in a mount namespace that ends with its process.

Put here: making the machine refuse. Keep out: kills (``kills``).
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.chaos.homes import PERIODS, Trial, current, differences
from tests.chaos.process import fork, start
from tests.chaos.reader import read_current

READ_ONLY = (".", "raw", "landing", "work", "published")
FREE_KB = (0, 16, 2_000, 12_000, 16_000, 17_000, 18_000, 19_000, 20_000, 21_000, 22_000, 24_000)
"""What is left on the disk: too little for a lock, receipts, a work file, its tables, a release."""
MEMORY_MB = (10, 20)
_SIZE_MB = 64
_NEW_USER_NAMES, _NEW_MOUNTS = 0x10000000, 0x00020000


@dataclass(slots=True)
class Faulty:
    """Runs that the machine refused, by what was said; runs that went well all the same; what was wrong."""

    refused: dict[str, str] = field(default_factory=dict)
    went_well: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def refusals(
    trial: Trial, free_kb: Sequence[int], read_only: Sequence[str], memory_mb: Sequence[int]
) -> Faulty:
    """Run with each fault, then without it.

    Raises:
        NotImplementedError: this system gives us no file systems of our own.
    """

    def work() -> int:
        try:
            _own_mounts()
        except OSError:
            return 75
        found = Faulty()
        disk = trial.folder / "disk"
        disk.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={_SIZE_MB}m", "tmpfs", disk)
        for free in free_kb:
            _try(trial, disk, f"{free} kB free", found, lambda home, free=free: _fill(home, free))
        for name in read_only:
            _try(trial, disk, f"read-only: {name}", found, lambda home, name=name: _lock_up(home / name))
        for limit in memory_mb:
            _try(trial, disk, f"{limit} MB of memory", found, lambda _, limit=limit: _little_memory(limit))
        os.write(2, json.dumps(asdict(found)).encode() + b"\n")
        return 0

    code, said = fork(work).result()
    if code == 75:
        raise NotImplementedError("no mount namespace here")
    if code:
        raise RuntimeError(said)
    return Faulty(**json.loads(said.splitlines()[-1]))


def _try(
    trial: Trial, disk: Path, name: str, found: Faulty, spoil: Callable[[Path], Callable[[], None]]
) -> None:
    home = disk / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(trial.base, home, symlinks=True)
    fix = spoil(home)
    code, said = start(home, trial.sources, PERIODS).result()
    if code == 0:
        found.went_well.append(name)
    else:
        line = said.splitlines()[-1]
        found.refused[name] = line.replace(str(disk), "")
        if code != 3 or "Traceback" in said or not line.startswith("spm: ") or " / " not in line:
            found.wrong.append(f"{name}: exit code {code}: {said}")
        # the release before, whole
        if current(home) != trial.old or read_current(home / "published") != trial.old:
            found.wrong.append(f"{name}: {current(home)} is current")
    fix()
    code, said = start(home, trial.sources, PERIODS).result()
    wrong = [said] if code else differences(home, trial.control)
    found.wrong += [f"{name}, once fixed: {one}" for one in wrong]


def _fill(home: Path, free_kb: int) -> Callable[[], None]:
    filler = home.parent / "filler"
    free = os.statvfs(home.parent).f_bavail * os.statvfs(home.parent).f_frsize
    with suppress(OSError), filler.open("wb") as file:
        file.write(bytes(max(free - free_kb * 1024, 0)))
    return filler.unlink


def _lock_up(folder: Path) -> Callable[[], None]:
    folder.mkdir(exist_ok=True)
    _mount("--bind", folder, folder)
    _mount("-o", "remount,bind,ro", folder)
    return lambda: _run("umount", folder)


def _little_memory(limit_mb: int) -> Callable[[], None]:
    os.environ["SPM_MEMORY_LIMIT"] = f"{limit_mb}MB"
    return lambda: os.environ.pop("SPM_MEMORY_LIMIT") and None


def _own_mounts() -> None:
    ids = os.getuid(), os.getgid()
    system = ctypes.CDLL(None, use_errno=True)
    if system.unshare(_NEW_USER_NAMES | _NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    for name, own in zip(("uid_map", "gid_map"), ids, strict=True):
        Path("/proc/self", name).write_text(f"0 {own} 1")


def _mount(*arguments: object) -> None:
    _run("mount", *arguments)


def _run(*arguments: object) -> None:
    subprocess.run([str(argument) for argument in arguments], check=True, capture_output=True)
