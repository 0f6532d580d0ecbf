"""Documents of a source, wherever they lie: a local folder, a web listing, any fsspec file system.

Known quirks: fsspec's own glob leaves out folders it failed to list, so an unreachable server looks
empty; folders are therefore listed here, one level at a time, and a failure is an error.

Put here: which documents there are, and fetching one. Keep out: connecting (``file_systems``), bytes over
the line (``downloads``), what they say (``documents``), where they are kept (``landing``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from pipelines.messages import message, printable, say
from pipelines.registry.periods import Period
from pipelines.sources.files.downloads import details, download, info
from pipelines.sources.files.file_systems import connect, is_local, is_web
from pipelines.sources.files.local import NoDocumentError, local_file
from pipelines.sources.files.spec import FileSource
from pipelines.sources.source import DEFAULT_TERMS, Failure, Found, Known, SourceUnavailable, Terms
from pipelines.submissions.file_facts import clean_place
from pipelines.submissions.rows import RawFile
from pipelines.submissions.unfetched import placeholder

ATTEMPTS = 3
DEEPEST_FOLDER, MOST_FOLDERS, MOST_ENTRIES = 16, 10_000, 200_000
"""What a listing of a source may come to."""
FIRST_PAUSE_SECONDS = 0.2
_MAGIC = frozenset("*?[")
Result = TypeVar("Result")


def extract(spec: FileSource, period: Period | None, terms: Terms) -> Iterator[Found]:
    """Each document for ``period``; one that cannot be fetched does not stop the others.

    Raises:
        SourceUnavailable: the documents cannot be listed.
    """
    ends_at = time.monotonic() + terms.limits.source_seconds
    names = list_files(spec, period)
    for number, name in enumerate(names):
        if time.monotonic() > ends_at:
            left, seconds = len(names) - number, terms.limits.source_seconds
            said = say("source.left_unfetched", at=spec.name, count=left, seconds=seconds)
            yield Failure.of(period, SourceUnavailable(said))
            return
        try:
            yield fetch(spec, name, terms)
        except SourceUnavailable as error:
            yield Failure.of(period, error)
        except Exception as error:  # whatever one document's name or facts break stops no other
            yield Failure.of(period, SourceUnavailable.because(name, error))


def list_files(spec: FileSource, period: Period | None) -> list[str]:
    """Names of the source's documents for ``period`` (``None``: of any period), sorted.

    A local path that matches nothing, or a period's own folder that is not there yet, gives an empty list.

    Raises:
        SourceUnavailable: the place cannot be opened or listed, or a fixed remote address is not there.
    """
    if period is not None and not spec.serves(period):
        return []
    location = spec.location(period)
    where = f"{spec.name}: {location}"
    system = _connected(spec, where)
    path = system._strip_protocol(f"{location}*" if location.endswith("/") else location)
    system.invalidate_cache()
    try:
        found = _attempt(lambda: set(_matching(system, path, spec.fixed_folders)), where)
    except FileNotFoundError as error:
        if is_local(system) or (spec.by_period and not _bucket_is_missing(error)):
            return []
        raise SourceUnavailable.because(where, error) from error
    return sorted(name if is_local(system) else system.unstrip_protocol(name) for name in found)


def fetch(spec: FileSource, name: str, terms: Terms = DEFAULT_TERMS) -> RawFile | Known:
    """Fetch one document by a name that ``list_files`` gave. ``modified_at`` is UTC, if the place tells it.

    One that is too large comes back as a placeholder of a few lines (``unfetched``).

    Raises:
        SourceUnavailable: the bytes could not be fetched.
    """
    system = _connected(spec, name)
    path = system._strip_protocol(name)
    folder = spec.folder_of(path, system._strip_protocol(spec.location(None)))
    try:
        if is_local(system):
            found = _attempt(lambda: local_file(Path(path), terms.file_bytes, _folder(spec)), name)
            return replace(found, origin=_place(spec, path), folder=folder)
        file = _attempt(lambda: _remote_file(system, path, name, terms), name)
        return file if isinstance(file, Known) else replace(file, folder=folder)
    except FileNotFoundError as error:
        raise SourceUnavailable.because(name, error) from error


def _place(spec: FileSource, path: str) -> str:
    """Where a local file lies below the folder that the source names: the same on any machine."""
    return os.path.relpath(path, _before_patterns(spec))


def _folder(spec: FileSource) -> Path:
    """The folder of a source of local files: whatever links lie in it, no document is outside."""
    named = Path(spec.location(None))
    return named if named.is_dir() else Path(_before_patterns(spec))


def _before_patterns(spec: FileSource) -> str:
    named = spec.location(None).split("/")
    fixed = spec.fixed_folders
    first = next((at for at, part in enumerate(named) if at >= fixed and _MAGIC & set(part)), len(named) - 1)
    return "/".join(named[:first]) or "/"


def _remote_file(system: Any, path: str, name: str, terms: Terms) -> RawFile | Known:
    about = details(system, path)
    content = None
    if about.size is None or about.size <= terms.file_bytes:
        if about.version and (clean_place(name), about.version) in terms.known:
            return Known(name)
        content = download(system, path, about, terms.partial, terms.file_bytes)
    if content is None:
        lines = placeholder(name, about.size, about.version, terms.file_bytes)
        # without its version: under another limit it is to be fetched
        return RawFile(name, lines, about.modified_at, origin=name)
    return RawFile(name, content, about.modified_at, origin=name, version=about.version)


def _connected(spec: FileSource, where: str) -> Any:
    try:
        return _attempt(lambda: connect(spec), where)
    except FileNotFoundError as error:  # a known_hosts or key file
        raise SourceUnavailable.because(where, error) from error


def _bucket_is_missing(error: FileNotFoundError) -> bool:
    # S3 says "not found" of a period's folder and of a mistyped bucket alike
    answer = getattr(error.__cause__, "response", None) or {}
    return answer.get("Error", {}).get("Code") == "NoSuchBucket"


def _matching(system: Any, path: str, fixed: int) -> Iterator[str]:
    """Paths of the files that ``path``, a glob or a fixed address, names; a folder means the files in it.

    Its first ``fixed`` parts are names, whatever letters are in them.
    """
    magic = _MAGIC - {"?"} if is_web(system) else _MAGIC  # on the web `?` starts a query
    parts = path.split("/")
    first = next((at for at, part in enumerate(parts) if at >= fixed and magic & set(part)), None)
    if first is not None:
        yield from _expand(system, "/".join(parts[:first]) or "/", parts[first:], _Listing())
    elif info(system, path)["type"] == "directory":
        yield from _expand(system, path, ["*"], _Listing())
    else:
        yield path


@dataclass(slots=True)
class _Listing:
    """What one listing has looked at so far: a place can be made to have no end."""

    folders: int = 0
    entries: int = 0

    def count(self, folder: str, entries: int, depth: int) -> None:
        """Count a folder and what is in it.

        Raises:
            NoDocumentError: it is more, or deeper, than any inbox.
        """
        self.folders += 1
        self.entries += entries
        over = max(
            (depth, DEEPEST_FOLDER, "file.too_deep"),
            (self.folders, MOST_FOLDERS, "file.too_many_folders"),
            (self.entries, MOST_ENTRIES, "file.too_many_entries"),
            key=lambda bound: bound[0] / bound[1],
        )
        if over[0] > over[1]:
            raise NoDocumentError(message(over[2], most=over[1], folder=printable(folder)))


def _expand(
    system: Any, folder: str, segments: list[str], listing: _Listing, depth: int = 0
) -> Iterator[str]:
    """Paths of the files below ``folder`` that match one pattern a level; ``**`` is any number of levels."""
    pattern, rest = segments[0], segments[1:]
    if pattern == "**" and rest:
        yield from _expand(system, folder, rest, listing, depth)
    entries = system.ls(folder, detail=True)
    listing.count(folder, len(entries), depth)
    for entry in entries:
        path = entry["name"].rstrip("/")
        name = path.rsplit("/", 1)[-1]
        name = unquote(name) if is_web(system) else name
        is_folder = entry["type"] == "directory"
        if path.rstrip("/") == folder.rstrip("/") or not _matches(name, pattern):
            continue
        # a link among any number of folders may lead in a circle: fetched as a document, it is named as none
        is_link = bool(entry.get("islink")) and (is_folder or is_folder_link(path, system))
        if is_folder and rest and not (is_link and pattern == "**"):
            deeper = segments if pattern == "**" else rest
            yield from _expand(system, entry["name"], deeper, listing, depth + 1)
        elif is_link if rest else not is_folder:
            yield path


def is_folder_link(path: str, system: Any) -> bool:
    """Whether a link of this machine leads to a folder: fsspec says of it only that it is no file."""
    return is_local(system) and os.path.isdir(path)


def _matches(name: str, pattern: str) -> bool:
    # `~$form.xlsx` is Excel's lock file, `.x` is hidden, `?C=N` a web listing's sort link: no documents
    if name.startswith(("~$", ".", "?")) and pattern[:1] in _MAGIC:
        return False
    return name == pattern or fnmatchcase(name, pattern)


def _attempt(call: Callable[[], Result], where: str) -> Result:
    attempts = Retrying(
        retry=retry_if_exception(_may_pass),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(FIRST_PAUSE_SECONDS),
        reraise=True,
    )
    try:
        return attempts(call)
    except (FileNotFoundError, SourceUnavailable):
        raise
    except Exception as error:
        raise SourceUnavailable.because(where, error) from error


def _may_pass(error: BaseException) -> bool:
    # each fsspec backend has exceptions of its own
    final = (FileNotFoundError, PermissionError, SourceUnavailable)
    return isinstance(error, Exception) and not isinstance(error, final)
