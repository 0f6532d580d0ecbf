"""The releases that there are: the current one, every byte of one proved, an older one made current.

Put here: choosing and checking releases. Keep out: making one (``release``).
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.publish.manifest import DamagedReleaseError, Manifest
from pipelines.publish.parquet import quoted, read, sha256_of


class UnknownReleaseError(LookupError):
    """There is no release of that id; the message names those that there are."""


@dataclass(frozen=True, slots=True)
class Releases:
    """The folder ``published`` of SPM_HOME."""

    root: Path

    def folder(self, release_id: str) -> Path:
        """Where a release lies."""
        return self.root / "releases" / release_id

    def ids(self) -> list[str]:
        """Every release, oldest first."""
        found = (self.root / "releases").glob("r*/manifest.json")
        return sorted(path.parent.name for path in found)

    def current(self) -> Manifest | None:
        """The manifest of the current release; none before the first."""
        pointer = self.root / "current"
        return Manifest.read(pointer / "manifest.json") if pointer.exists() else None

    def current_folder(self) -> Path:
        """The folder of the current release.

        Raises:
            UnknownReleaseError: nothing is published yet.
        """
        if (current := self.current()) is None:
            raise UnknownReleaseError(f"nothing is published in {self.root} yet; run `spm run PERIOD` first")
        return self.folder(current.release_id)

    def manifest(self, release_id: str) -> Manifest:
        """The manifest of a release.

        Raises:
            UnknownReleaseError: see there.
        """
        if release_id not in self.ids():
            raise UnknownReleaseError(
                f"no release {release_id!r}; there are: {', '.join(self.ids()) or 'none'}"
            )
        return Manifest.read(self.folder(release_id) / "manifest.json")

    def verify(self, release_id: str) -> list[str]:
        """What is wrong with a release, a sentence each; nothing when every byte is as published."""
        try:
            manifest = self.manifest(release_id)
        except DamagedReleaseError as error:
            return [f"manifest.json: {error}"]
        folder = self.folder(release_id)
        wrong = []
        if manifest.release_id != release_id:
            wrong.append(f"manifest.json: its content belongs to {manifest.release_id}, not {release_id}")
        files = manifest.files()
        for name, sha256 in sorted(files.items()):
            path = folder / name
            if not path.exists():
                wrong.append(f"{name}: missing")
            elif sha256_of(path) != sha256:
                wrong.append(f"{name}: its bytes are not those published")
        strangers = {path.name for path in folder.iterdir()} - set(files) - {"manifest.json"}
        wrong += [f"{name}: not of this release" for name in sorted(strangers)]
        return wrong or _database_differences(folder)

    def point_to(self, release_id: str) -> None:
        """Make a release the current one, in one step that a reader sees whole or not at all."""
        self.manifest(release_id)
        partial = self.root / f".current-{os.getpid()}"
        partial.unlink(missing_ok=True)
        partial.symlink_to(Path("releases") / release_id, target_is_directory=True)
        os.replace(partial, self.root / "current")

    def new_partial(self) -> Path:
        """An empty folder to make a release in; what killed runs left is swept first."""
        for debris in (self.root / "releases").glob(".partial-*"):
            shutil.rmtree(debris, ignore_errors=True)
        partial = self.root / "releases" / f".partial-{os.getpid()}"
        partial.mkdir(parents=True)
        return partial

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One publisher at a time; the lock goes with its process, however that ends."""
        (self.root / "releases").mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _database_differences(folder: Path) -> list[str]:
    wrong = []
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(folder / 'spm.duckdb')} as release (read_only)")
        for path in sorted(folder.glob("*.parquet")):
            table, file = f"select * from release.{path.stem}", f"select * from {read(path)}"
            both_ways = f"(({table}) except all ({file})) union all (({file}) except all ({table})) limit 1"
            if connection.execute(both_ways).fetchall():
                wrong.append(f"spm.duckdb: table {path.stem} differs from its Parquet file")
    return wrong
