"""The releases that there are: the current one, every byte of one proved, one made current.

A release is published when ``current`` points to it, and not before: one that was cut short on the way there
is announced in ``.publishing``, listed nowhere, and undone by the next writer.

Whoever reads a release asks here for its folder, and gets it once the bytes of its tables are proved.

Put here: choosing and checking releases, the last steps of publishing. Keep out: making one (``release``).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import ConfigurationError
from pipelines.messages import say
from pipelines.publish.manifest import DATABASE, FILE, DamagedReleaseError, Manifest
from pipelines.publish.upkeep import FOLDER, PrunedReleaseError, upkeep_of
from pipelines.storage.checked_files import differing, sha256_of
from pipelines.storage.whole_files import flush, make_folder, remove, write_whole
from pipelines.warehouse.parquet import have_same_rows, quoted, read

_RELEASE_ID = re.compile(r"r\d{4,}-[0-9a-f]{12}")


class UnknownReleaseError(ConfigurationError):
    """There is no release of that id; the message names those that there are."""


@dataclass(frozen=True, slots=True)
class Releases:
    """The folder ``published`` of SPM_HOME."""

    root: Path

    def place(self, release_id: str) -> Path:
        """Where a release lies, be it damaged or not there yet. Who reads its tables asks for ``folder``."""
        return self.root / "releases" / release_id

    def folder(self, release_id: str, *others: str) -> Path:
        """The folder of a release, whose tables, and files named in ``others``, are as they were published.

        Raises:
            UnknownReleaseError: there is no such release.
            DamagedReleaseError: a byte of them changed, or there is a table that is not the release's.
            PrunedReleaseError: they were pruned.
        """
        files = self.files(release_id)
        if pruned := self.pruned(release_id, *others):
            raise PrunedReleaseError(f"{release_id}: {pruned}")
        place = self.place(release_id)
        there = {path.name for path in place.glob("*.parquet")}
        read = {name for name in files if name.endswith(".parquet") or name in others} | there
        if wrong := differing({place / name: files.get(name, "") for name in sorted(read)}):
            more = f" (+{len(wrong) - 1})" if len(wrong) > 1 else ""
            raise DamagedReleaseError(say("release.damaged_file", at=f"{wrong[0]}{more}"))
        return place

    def table(self, release_id: str, name: str) -> Path:
        """The file of one table of a release, be the others pruned; its bytes are as they were published.

        Raises:
            UnknownReleaseError: there is no such release.
            DamagedReleaseError: they are not.
        """
        path = self.place(release_id) / f"{name}.parquet"
        if differing({path: self.files(release_id).get(path.name, "")}):
            raise DamagedReleaseError(say("release.damaged_file", at=path))
        return path

    def files(self, release_id: str) -> dict[str, str]:
        """What lies of a release: its files with their sha256, without those that were pruned.

        Raises:
            UnknownReleaseError: there is no such release.
            DamagedReleaseError: the manifest, or the note on what was pruned, is damaged.
        """
        files, upkeep = self.manifest(release_id).files(), upkeep_of(self.root, release_id)
        if upkeep is None:
            return files
        if upkeep.database_sha256:
            files[DATABASE] = upkeep.database_sha256
        return {name: sha256 for name, sha256 in files.items() if name not in upkeep.removed}

    def pruned(self, release_id: str, *others: str) -> str | None:
        """A sentence, where tables of a release were pruned, or one of the files named in ``others``."""
        upkeep = upkeep_of(self.root, release_id)
        if upkeep is None or not (upkeep.is_pruned or {*others} & {*upkeep.removed}):
            return None
        what = "release.pruned" if upkeep.is_pruned else "release.pruned_database"
        return say(what, day=upkeep.at[:10], release=release_id)

    def ids(self) -> list[str]:
        """Every published release, oldest first."""
        found = {path.parent.name for path in (self.root / "releases").glob(f"r*/{FILE}")}
        return sorted(found - {self._unfinished()})

    def current(self) -> Manifest | None:
        """The manifest of the current release; none before the first."""
        return self._manifest(self.current_id()) if (self.root / "current").exists() else None

    def proved(self) -> Manifest | None:
        """The manifest of the current release, its tables proved; none before the first.

        Raises:
            DamagedReleaseError: it is not as it was published.
        """
        if (current := self.current()) is not None:
            self.folder(current.release_id)
        return current

    def current_id(self) -> str:
        """The id of the current release.

        Raises:
            UnknownReleaseError: nothing is published yet.
        """
        pointer = self.root / "current"
        if not pointer.exists():
            raise UnknownReleaseError(say("release.nothing_published", at=self.root))
        return pointer.readlink().name if pointer.is_symlink() else Manifest.read(pointer / FILE).release_id

    def current_folder(self) -> Path:
        """The folder of the current release, its tables proved.

        Raises:
            UnknownReleaseError: nothing is published yet.
            DamagedReleaseError: it is not as it was published.
        """
        return self.folder(self.current_id())

    def manifest(self, release_id: str) -> Manifest:
        """The manifest of a release.

        Raises:
            UnknownReleaseError: there is no such release.
            DamagedReleaseError: the manifest is not that of this release, or not as it was written.
        """
        if release_id not in self.ids():
            listed = ", ".join(self.ids()) or "-"
            raise UnknownReleaseError(say("release.unknown", at=repr(release_id), releases=listed))
        return self._manifest(release_id)

    def _manifest(self, release_id: str) -> Manifest:
        path = self.place(release_id) / FILE
        manifest = Manifest.read(path)
        if manifest.release_id != release_id:
            raise DamagedReleaseError(say("release.other_id", at=path, release=manifest.release_id))
        return manifest

    def find(self, text: str) -> str:
        """The id that a person means: an id, a prefix of just one, ``latest`` (the current), ``previous``.

        Raises:
            UnknownReleaseError: there is no such release.
        """
        if text == "latest":
            return self.current_id()
        if text == "previous" and (before := self.line(self.current_id())[1:2]):
            return before[0]
        found = [release for release in self.ids() if text and release.startswith(text)]
        if len(found) != 1:
            wrong = "release.several" if found else "release.unknown"
            listed = ", ".join(found or self.ids()) or "-"
            raise UnknownReleaseError(say(wrong, at=repr(text), releases=listed))
        return found[0]

    def line(self, release_id: str) -> list[str]:
        """The release and those it was built on, one on the other, itself first."""
        ids = self.ids()
        line = [release_id]
        while (manifest := self.manifest(line[-1])).number > 1:
            if manifest.release_before not in ids or manifest.release_before in line:
                break
            line.append(manifest.release_before)
        return line

    def verify(self, release_id: str) -> list[str]:
        """What is wrong with a release, a sentence each; nothing when every byte is as published."""
        try:
            self.manifest(release_id)
        except DamagedReleaseError as error:
            return [f"{FILE}: {error}"]
        folder = self.place(release_id)
        wrong = []
        if said := self.pruned(release_id):
            # said of what is left, too: it has to be as it was published
            wrong.append(said)
        files = self.files(release_id)
        for name, sha256 in sorted(files.items()):
            path = folder / name
            if not path.exists():
                wrong.append(say("release.file_missing", at=name))
            elif sha256_of(path) != sha256:
                wrong.append(say("release.file_changed", at=name))
        # what a prune that was killed did not come to is the release's all the same
        unlisted = {path.name for path in folder.iterdir()} - set(self.manifest(release_id).files()) - {FILE}
        wrong += [say("release.file_strange", at=name) for name in sorted(unlisted)]
        return wrong or (_database_differences(folder) if DATABASE in files else [])

    def point_to(self, release_id: str) -> None:
        """Make a published release the current one, in one step that a reader sees whole or not at all."""
        self.manifest(release_id)
        self._move_pointer(release_id)

    def new_partial(self) -> Path:
        """An empty folder to make a release in."""
        partial = self.root / "releases" / f".partial-{os.getpid()}"
        partial.mkdir(parents=True)
        return partial

    def finish(self, partial: Path, release_id: str) -> None:
        """Publish what was made in ``partial``: on the disk, under its name, and then the current one.

        After a kill or a power cut at any instant readers have the release before or this one, whole.
        """
        for file in partial.iterdir():
            file.chmod(0o444)
            flush(file)
        flush(partial)
        try:
            write_whole(self._announcement, release_id.encode())
            os.rename(partial, self.place(release_id))
            flush(self.root / "releases")
            flush(self.root.parent)
            self._move_pointer(release_id)
        finally:
            self._settle()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One publisher at a time; what one that was killed left is undone first.

        The lock goes with its process, however that ends.
        """
        make_folder(self.root / "releases")
        from filelock import FileLock  # readers need not wait for the import

        with FileLock(self.root / ".lock", fallback_to_soft=False):
            self._settle()
            yield

    @property
    def _announcement(self) -> Path:
        return self.root / ".publishing"

    def _unfinished(self) -> str | None:
        """The release that has its name, or is about to, but is not current yet."""
        try:
            announced = self._announcement.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        pointer = self.root / "current"
        return announced if not pointer.is_symlink() or pointer.readlink().name != announced else None

    def _settle(self) -> None:
        for debris in (self.root / "releases").glob(".partial-*"):
            shutil.rmtree(debris)
        for pattern in (".current-*", ".*.partial", "releases/*/.*.partial", f"{FOLDER}/.*.partial"):
            for debris in self.root.glob(pattern):
                debris.unlink()
        if self._announcement.exists():
            unfinished = self._unfinished()
            if unfinished and _RELEASE_ID.fullmatch(unfinished) and self.place(unfinished).exists():
                shutil.rmtree(self.place(unfinished))
                # not announced any more, it must not come back: nothing would say that it never was current
                flush(self.root / "releases")
            remove(self._announcement)

    def _move_pointer(self, release_id: str) -> None:
        partial = self.root / f".current-{os.getpid()}"
        partial.unlink(missing_ok=True)
        partial.symlink_to(Path("releases") / release_id, target_is_directory=True)
        os.replace(partial, self.root / "current")
        flush(self.root)


def _database_differences(folder: Path) -> list[str]:
    wrong = []
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(folder / DATABASE)} as release (read_only)")
        for path in sorted(folder.glob("*.parquet")):
            table, file = f"from release.{path.stem}", f"from {read(path)}"
            columns = [(said.columns, said.types) for said in map(connection.sql, (table, file))]
            if columns[0] != columns[1] or not have_same_rows(connection, table, file):
                wrong.append(say("release.table_differs", at=DATABASE, table=path.stem))
    return wrong
