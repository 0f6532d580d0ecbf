"""A reader that opens what is current again and again, and says whether each time it was one whole release.

Put here: reading as a dashboard would, with more suspicion. Keep out: what happens meanwhile.
"""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.publish.manifest import Manifest
from pipelines.storage.checked_files import sha256_of
from pipelines.warehouse.parquet import read
from tests.chaos.process import Process, fork


@dataclass(frozen=True, slots=True)
class Report:
    """What a reader saw: whole releases by id in their order, how often, and what was wrong."""

    reads: int
    seen: list[str]
    wrong: list[str]


@dataclass(slots=True)
class Watch:
    """A reader at work."""

    process: Process
    stop: int

    def end(self) -> Report:
        """Stop it; its report."""
        os.write(self.stop, b".")  # closing it says nothing: processes forked since hold it too
        os.close(self.stop)
        code, said = self.process.result()
        if code != 0:
            return Report(0, [], [f"the reader ended with {code}: {said}"])
        return Report(**json.loads(said.splitlines()[-1]))


def watch(published: Path, rest: float, ticks: Path | None = None) -> Watch:
    """Start a reader of ``published/current``; the file ``ticks`` grows by a byte with each reading.

    It rests ``rest`` times as long as it read: a run is to have the processors.
    """
    theirs, ours = os.pipe()

    def work() -> int:
        os.close(ours)
        reads, seen, wrong = 0, [], []
        while not select.select([theirs], [], [], 0)[0]:
            began = time.monotonic()
            try:
                release_id = read_current(published)
                seen += [release_id] if seen[-1:] != [release_id] else []
            except Exception as error:
                wrong.append(f"{type(error).__name__}: {error}")
            reads += 1
            if ticks:
                with ticks.open("ab", buffering=0) as file:
                    file.write(b".")
            time.sleep(rest * (time.monotonic() - began))
        os.write(2, json.dumps({"reads": reads, "seen": seen, "wrong": wrong[:5]}).encode() + b"\n")
        return 0

    process = fork(work)
    os.close(theirs)
    return Watch(process, ours)


def read_current(published: Path) -> str:
    """Read every table of the current release, in all its parts; the release's id.

    Raises:
        ValueError: it is not one whole release.
    """
    # resolved once, as docs/data-contract.md asks: the pointer may move between two files
    folder = (published / "current").resolve(strict=True)
    manifest = Manifest.read(folder / "manifest.json")
    files = manifest.files()
    if manifest.release_id != folder.name or _names(folder) != {*files, "manifest.json"}:
        raise ValueError(f"{folder.name} is not whole")
    for name, sha256 in files.items():
        if sha256_of(folder / name) != sha256:
            raise ValueError(f"{folder.name}: {name} is not what its manifest says")
    with duckdb.connect(config={"threads": 1}) as connection:
        for table, file in manifest.content.tables.items():
            counted = f"select count(*) from {read(folder / f'{table}.parquet')}"
            if connection.execute(counted).fetchall() != [(file.rows,)]:
                raise ValueError(f"{folder.name}: {table} has other rows than its manifest says")
        said = f"select max(release_id) from {read(folder / 'mart_release.parquet')}"
        if connection.execute(said).fetchall() != [(manifest.release_id,)]:
            raise ValueError(f"{folder.name}: mart_release is of another release")
    return manifest.release_id


def _names(folder: Path) -> Collection[str]:
    return {path.name for path in folder.iterdir()}
