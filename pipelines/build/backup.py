"""``spm backup``: what of a home cannot be made again, with a hash of each file, in a folder or an archive.

It needs no pause: a run may write meanwhile. Releases are taken first, as links that are made while nothing
is published; then receipts, then documents. So every release finds the receipts that it names, and every
receipt its document; neither is ever changed or removed. Secrets are left out.

Put here: choosing and writing. Keep out: reading a backup (``build.restore``).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol

from pipelines.errors import ConfigurationError
from pipelines.messages import say
from pipelines.provenance.code import package_version
from pipelines.publish.manifest import DamagedReleaseError
from pipelines.publish.prune import Keep, plan_releases, prune_releases
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from pipelines.storage.private_files import private_files
from pipelines.storage.scratch import scratch_folder
from pipelines.storage.whole_files import flush, flush_all

INDEX, FILES = "backup.json", "home"
"""The list of files with their hashes, written last; the folder of the files themselves."""
FORMAT = 1
ARCHIVE = ".tar"
_KEPT = ("raw/receipts", "raw/cut", "raw/blobs", "raw/registry", "approvals", "registry", "runs", "closed")
"""Folders beside ``published``, in the order in which they are taken."""
_BY_PEOPLE = {"registry", ""}
"""Folders whose files people write, secrets among them perhaps; the empty name is the home itself."""
_PRIVATE_KEY = b"PRIVATE KEY-----"


class BackupError(ConfigurationError):
    """A backup cannot be written there: what, where, how to fix it."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One file of a backup."""

    sha256: str
    bytes: int
    mode: int


@dataclass(frozen=True, slots=True)
class Index:
    """What a backup holds: files by their path in the home, the modes of folders, the current release, when
    it was made.

    ``damaged`` are files that were not as they should be when they were backed up; ``left_out`` those that
    look like secrets.
    """

    made_at: str
    code_version: str
    current: str | None
    releases: list[str]
    files: dict[str, Saved] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    format: int = FORMAT

    def to_json(self) -> bytes:
        """As written, with the hash of all that it says."""
        said = asdict(self)
        return json.dumps({**said, "whole_sha256": whole_sha256(said)}, indent=1).encode() + b"\n"


def whole_sha256(said: Mapping[str, object]) -> str:
    """The hash of an index as canonical JSON."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def backup(settings: Settings, target: Path, *, current_only: bool = False) -> Index:
    """Write a backup of a home to the folder ``target``, or to one archive where the name ends in ``.tar``.

    It has its name when it is whole. ``current_only``: of releases that a prune may take the tables are left
    out; `spm rebuild` brings them back.

    Raises:
        BackupError: the target is there already, or lies in the home.
        UnknownReleaseError, DamagedReleaseError: the releases cannot be listed.
    """
    target = target.absolute()
    if target.exists():
        raise BackupError(say("backup.exists", at=target))
    if target.resolve().is_relative_to(settings.home):
        raise BackupError(say("backup.in_home", at=target))
    partial = target.with_name(f".{target.name}.partial")
    _throw_away(partial)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with scratch_folder("backup", settings.scratch) as snapshot:
            aside = replace(settings, home=snapshot)
            current = _take_releases(settings, aside)
            if current_only:
                prune_releases(aside, plan_releases(aside, Keep(named=["latest"] if current else [])))
            index = Index(
                settings.wall_clock().isoformat(timespec="seconds"),
                package_version(),
                current,
                Releases(aside.published).ids(),
            )
            archive = _Archive(partial) if target.suffix == ARCHIVE else _Folder(partial)
            with private_files(), archive as writer:
                _write(settings, aside, index, writer)
                writer.add(INDEX, io.BytesIO(index.to_json()), len(index.to_json()), 0o600)
        os.rename(partial, target)
        flush(target.parent)
    finally:
        _throw_away(partial)
    return index


def _take_releases(settings: Settings, aside: Settings) -> str | None:
    """Link all that is published into ``aside`` while nothing is published; returns the current release."""
    releases = Releases(settings.published)
    with releases.writing():
        current = releases.current_id() if (settings.published / "current").exists() else None
        for path in _files(settings.published):
            _link(path, aside.published / path.relative_to(settings.published))
        for path in _files(settings.approvals):
            _link(path, aside.approvals / path.relative_to(settings.approvals))
        if current is not None:
            (aside.published / "current").symlink_to(Path("releases") / current)
    return current


def _write(settings: Settings, aside: Settings, index: Index, writer: _Writer) -> None:
    wanted = _wanted_of_releases(Releases(aside.published), index)
    first: dict[tuple[int, int], str] = {}
    for home, path in _in_order(settings, aside):
        name = path.relative_to(home).as_posix()
        if _is_secret(name, path):
            index.left_out.append(name)
            continue
        looks = path.stat()
        for folder in Path(name).parents[:-1]:
            # a snapshot has folders of its own
            own = settings.home / folder
            index.folders.setdefault(folder.as_posix(), own.stat().st_mode & 0o777 if own.exists() else 0o755)
        inode = looks.st_dev, looks.st_ino
        mode = looks.st_mode & 0o777
        if home is aside.home and inode in first:
            writer.link(f"{FILES}/{name}", f"{FILES}/{first[inode]}")
            index.files[name] = index.files[first[inode]]
        else:
            with path.open("rb") as file:
                content: IO[bytes] = file
                if name.partition("/")[0] in _BY_PEOPLE or "/" not in name:
                    content = io.BytesIO(file.read())  # somebody may be writing in it
                size = content.seek(0, io.SEEK_END)
                content.seek(0)
                sha256 = writer.add(f"{FILES}/{name}", content, size, mode)
            index.files[name] = Saved(sha256, size, mode)
            first[inode] = name
        if not _is_sound(name, index.files[name].sha256, wanted):
            index.damaged.append(name)


def _in_order(settings: Settings, aside: Settings) -> Iterator[tuple[Path, Path]]:
    """Each file with the home that it is taken from."""
    yield from ((aside.home, path) for path in _files(aside.published))
    for folder in _KEPT:
        yield from ((settings.home, path) for path in _files(settings.home / folder))
    for path in sorted(settings.home.glob("[!.]*")):
        if path.is_file():
            yield settings.home, path
    if settings.demo_marker.exists():
        yield settings.home, settings.demo_marker


def _files(folder: Path) -> list[Path]:
    """The files below a folder, without those that are being written."""
    found = (path for path in folder.rglob("*") if not path.name.startswith(".") and path.is_file())
    return sorted(path for path in found if path.relative_to(folder).parts[0] != "current")


def _wanted_of_releases(releases: Releases, index: Index) -> dict[str, str]:
    """The hash of each file of a release; a release that cannot say is noted as damaged."""
    wanted: dict[str, str] = {}
    for release_id in releases.ids():
        folder = f"published/releases/{release_id}"
        try:
            found = releases.files(release_id)
        except DamagedReleaseError:
            index.damaged.append(f"{folder}/manifest.json")
            continue
        wanted |= {f"{folder}/{name}": sha256 for name, sha256 in found.items()}
    return wanted


def _is_sound(name: str, sha256: str, wanted: Mapping[str, str]) -> bool:
    """Whether a file is what its name, or its release, says; others may hold anything."""
    path = Path(name)
    if name.startswith("raw/blobs/"):
        return path.name == sha256
    if name.startswith("raw/receipts/"):
        return path.stem.endswith(f"-{sha256[:16]}")
    return wanted.get(name, sha256) == sha256


def _is_secret(name: str, path: Path) -> bool:
    folder = name.rpartition("/")[0].partition("/")[0]
    if folder not in _BY_PEOPLE:
        return False
    return path.suffix in {".env", ".key"} or path.name == ".env" or _PRIVATE_KEY in path.read_bytes()


def _link(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, to)
    except OSError:
        shutil.copy2(path, to)  # no links here


def _throw_away(partial: Path) -> None:
    if partial.is_dir():
        shutil.rmtree(partial)
    else:
        partial.unlink(missing_ok=True)


class _Writer(Protocol):
    def add(self, name: str, content: IO[bytes], size: int, mode: int) -> str:
        """Write a file; returns its sha256."""

    def link(self, name: str, earlier: str) -> None:
        """Write a file that is one with an earlier one."""


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: list[Path] = []

    def __enter__(self) -> _Folder:
        self._folder.mkdir(0o700)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            flush_all(self._paths, self._folder)

    def add(self, name: str, content: IO[bytes], size: int, mode: int) -> str:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        reader = HashingReader(content)
        with path.open("wb") as file:
            shutil.copyfileobj(reader, file)
        path.chmod(mode)
        self._paths.append(path)
        return reader.sha256

    def link(self, name: str, earlier: str) -> None:
        (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
        _link(self._folder / earlier, self._folder / name)
        self._paths.append(self._folder / name)


class _Archive:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> _Archive:
        self._tar = tarfile.open(self._path, "w", format=tarfile.PAX_FORMAT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._tar.close()
        if kind is None:
            flush(self._path)

    def add(self, name: str, content: IO[bytes], size: int, mode: int) -> str:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, mode
        reader = HashingReader(content)
        self._tar.addfile(member, reader)
        return reader.sha256

    def link(self, name: str, earlier: str) -> None:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = tarfile.LNKTYPE, earlier
        self._tar.addfile(member)


class HashingReader(io.RawIOBase):
    """The bytes of a file, hashed while somebody reads them."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found = self._content.read(size)
        self._digest.update(found)
        return found

    @property
    def sha256(self) -> str:
        """The hash of what was read."""
        return self._digest.hexdigest()
