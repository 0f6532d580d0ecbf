"""``spm restore``: a home from a backup, once every byte of it is proved.

Files are written beside each other in a folder that is thrown away when one of them is not as it was backed
up; only then does the home get them, what is published last.

Put here: proving and placing. Keep out: what a backup holds (``build.backup``).
"""

from __future__ import annotations

import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO

from pipelines.build.backup import ARCHIVE, FILES, FORMAT, INDEX, HashingReader, Index, Saved, whole_sha256
from pipelines.errors import ConfigurationError, UnavailableError
from pipelines.messages import cause, say
from pipelines.settings import Settings
from pipelines.storage.private_files import FOLDER, keep_private, private_files
from pipelines.storage.scratch import PREFIX, scratch_folder
from pipelines.storage.whole_files import flush, flush_all, make_folder, share

_UNREADABLE = (
    FileNotFoundError,
    FileExistsError,
    IsADirectoryError,
    NotADirectoryError,
    tarfile.TarError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)
"""What reading damaged bytes may raise; what the disk of the home refuses is told as such."""


class DamagedBackupError(UnavailableError):
    """A backup is not as it was written; the message names the file."""


class HomeInUseError(ConfigurationError):
    """A backup is restored to an empty folder, and this one is not."""


def restore(settings: Settings, source: Path) -> Index:
    """Make the home of ``settings`` from a backup; every byte is proved before the first is placed.

    Raises:
        HomeInUseError: something lies in the home.
        DamagedBackupError: the backup is none, or not as it was written.
    """
    home = settings.home
    if home.exists() and (
        not home.is_dir() or any(not one.name.startswith(PREFIX) for one in home.iterdir())
    ):
        raise HomeInUseError(say("restore.in_use", at=home))
    make_folder(home)
    with private_files(), scratch_folder("restore", home) as staged:
        try:
            index = _archive(source, staged) if source.suffix == ARCHIVE else _folder(source, staged)
        except (
            OSError,
            tarfile.TarError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            EOFError,
        ) as error:
            raise DamagedBackupError(say("restore.damaged", at=source, why=cause(error))) from error
        _set_modes(staged, index)
        if index.current is not None:
            (staged / "published" / "current").symlink_to(Path("releases") / index.current)
        paths = [staged / name for name in index.files]
        flush_all(paths, staged)
        for path in sorted(staged.iterdir(), key=lambda one: (one.name == "published", one.name)):
            os.rename(path, home / path.name)
        flush(home)
    keep_private(replace(settings, home=home))
    return index


def read_index(content: bytes, source: Path) -> Index:
    """The index of a backup.

    Raises:
        DamagedBackupError: it is not as it was written, or of another version of this program.
    """
    found = json.loads(content)
    whole = found.pop("whole_sha256", None)
    if found.get("format") != FORMAT:
        raise DamagedBackupError(say("restore.other_format", at=source, format=found.get("format")))
    if whole != whole_sha256(found):
        raise DamagedBackupError(say("restore.differs", at=source, file=INDEX))
    files = {name: Saved(**saved) for name, saved in found.pop("files").items()}
    return Index(files=files, **found)


def _folder(source: Path, staged: Path) -> Index:
    index = read_index((source / INDEX).read_bytes(), source)
    by_hash: dict[str, Path] = {}
    for name, saved in index.files.items():
        path = staged / _safe(name, source)
        with (source / FILES / name).open("rb") as file:
            found = _place(file, path)
        _demand(found == saved.sha256, source, name)
        _share(name, saved, path, by_hash)
    there = {path.relative_to(source / FILES).as_posix() for path in _all_files(source / FILES)}
    if more := sorted(there - set(index.files)):
        _demand(False, source, more[0])
    return index


def _archive(source: Path, staged: Path) -> Index:
    found: dict[str, str] = {}
    content = None
    with tarfile.open(source, "r:") as archive:
        for member in archive:
            if member.name == INDEX:
                file = archive.extractfile(member)
                content = file.read() if file else None
                continue
            name = _safe(member.name.removeprefix(f"{FILES}/"), source)
            if member.islnk():
                earlier = member.linkname.removeprefix(f"{FILES}/")
                _demand(earlier in found, source, name)
                (staged / name).parent.mkdir(FOLDER, parents=True, exist_ok=True)
                shutil.copyfile(staged / earlier, staged / name)
                found[name] = found[earlier]
                continue
            file = archive.extractfile(member) if member.isreg() else None
            if file is None:
                raise DamagedBackupError(say("restore.differs", at=source, file=name))
            found[name] = _place(file, staged / name)
    if content is None:
        raise DamagedBackupError(say("restore.not_whole", at=source))
    index = read_index(content, source)
    by_hash: dict[str, Path] = {}
    for name in sorted({*found, *index.files}):
        saved = index.files.get(name)
        _demand(saved is not None and found.get(name) == saved.sha256, source, name)
        if saved is not None:
            _share(name, saved, staged / name, by_hash)
    return index


def _place(file: IO[bytes], path: Path) -> str:
    path.parent.mkdir(FOLDER, parents=True, exist_ok=True)
    reader = HashingReader(file)
    with path.open("xb") as placed:
        shutil.copyfileobj(reader, placed)
    return reader.sha256


def _share(name: str, saved: Saved, path: Path, by_hash: dict[str, Path]) -> None:
    """Let files of releases that have the same bytes be one again."""
    if name.startswith("published/releases/") and name.endswith(".parquet"):
        if saved.sha256 in by_hash:
            share(path, by_hash[saved.sha256])
        by_hash.setdefault(saved.sha256, path)


def _set_modes(staged: Path, index: Index) -> None:
    for name, saved in index.files.items():
        (staged / name).chmod(saved.mode)
    for folder, mode in index.folders.items():
        (staged / folder).chmod(mode)


def _safe(name: str, source: Path) -> str:
    path = PurePosixPath(name)
    _demand(bool(path.parts) and not path.is_absolute() and ".." not in path.parts, source, name)
    return name


def _all_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())


def _demand(is_so: bool, source: Path, name: str) -> None:
    if not is_so:
        raise DamagedBackupError(say("restore.differs", at=source, file=name))
