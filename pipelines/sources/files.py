"""Documents of a source, wherever they lie: a local folder, a web listing, any fsspec file system.

Known quirks: fsspec's own glob leaves out folders it failed to list, so an unreachable server looks
empty; folders are therefore listed here, one level at a time, and a failure is heard.

Put here: listing and fetching bytes. Keep out: what the bytes say (``csv``, ``workbook``), where they
are kept afterwards (``landing``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from typing import Any, TypeVar
from urllib.parse import unquote

import fsspec

from pipelines.registry.periods import Period
from pipelines.sources.specs import FileSource
from pipelines.sources.unavailable import SourceUnavailable
from pipelines.submissions.rows import RawFile

ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 0.2
_MAGIC = frozenset("*?[")
Result = TypeVar("Result")


def list_files(spec: FileSource, period: Period | None) -> list[str]:
    """Names of the source's documents for ``period`` (``None``: of any period), sorted.

    A local path that matches nothing, or a period's own folder that is not there yet, gives an empty list.

    Raises:
        SourceUnavailable: the place cannot be listed, or a fixed remote address is not there.
    """
    if period is not None and not spec.serves(period):
        return []
    location = spec.location(period)
    system, path = fsspec.core.url_to_fs(f"{location}*" if location.endswith("/") else location)
    system.invalidate_cache()
    try:
        found = _attempt(lambda: set(_matching(system, path)), f"{spec.name}: {location}")
    except FileNotFoundError as error:
        if _is_local(system) or "{" in spec.path:
            return []
        raise SourceUnavailable.because(f"{spec.name}: {location}", error) from error
    return sorted(name if _is_local(system) else system.unstrip_protocol(name) for name in found)


def fetch(spec: FileSource, name: str) -> RawFile:
    """Fetch one document by a name that ``list_files`` gave. ``modified_at`` is UTC, if the place tells it.

    Raises:
        SourceUnavailable: the bytes could not be had.
    """
    system, path = fsspec.core.url_to_fs(name)
    try:
        content = _attempt(lambda: system.cat_file(path), name)
        info = _attempt(lambda: _info(system, path), name)
    except FileNotFoundError as error:
        raise SourceUnavailable.because(name, error) from error
    return RawFile(name=name, content=content, modified_at=_modified_at(info))


def _matching(system: Any, path: str) -> Iterator[str]:
    """Paths of the files that ``path``, a glob or a fixed address, names; a folder means the files in it."""
    magic = _MAGIC - {"?"} if _is_web(system) else _MAGIC  # on the web `?` starts a query
    parts = path.split("/")
    first = next((index for index, part in enumerate(parts) if magic & set(part)), None)
    if first is not None:
        yield from _expand(system, "/".join(parts[:first]) or "/", parts[first:])
    elif _info(system, path)["type"] == "directory":
        yield from _expand(system, path, ["*"])
    else:
        yield path


def _info(system: Any, path: str) -> dict[str, Any]:
    try:
        return system.info(path)
    except FileNotFoundError as error:
        # fsspec says "not found" of a web address for every failure; only 404 and 410 mean it
        if _is_web(system) and error.__cause__ and getattr(error.__cause__, "status", None) not in (404, 410):
            raise error.__cause__ from None
        raise


def _expand(system: Any, folder: str, segments: list[str]) -> Iterator[str]:
    """Paths of the files below ``folder`` that match one pattern a level; ``**`` is any number of levels."""
    pattern, rest = segments[0], segments[1:]
    if pattern == "**" and rest:
        yield from _expand(system, folder, rest)
    for entry in system.ls(folder, detail=True):
        path = entry["name"].rstrip("/")
        name = path.rsplit("/", 1)[-1]
        name = unquote(name) if _is_web(system) else name
        is_folder = entry["type"] == "directory"
        if path.rstrip("/") == folder.rstrip("/") or not _matches(name, pattern):
            continue
        if is_folder and rest:
            yield from _expand(system, entry["name"], segments if pattern == "**" else rest)
        elif not is_folder and not rest:
            yield path


def _matches(name: str, pattern: str) -> bool:
    # `~$form.xlsx` is Excel's lock file, `.x` is hidden, `?C=N` a web listing's sort link: no documents
    if name.startswith(("~$", ".", "?")) and pattern[:1] in _MAGIC:
        return False
    return name == pattern or fnmatchcase(name, pattern)


def _attempt(call: Callable[[], Result], where: str) -> Result:
    pause = FIRST_PAUSE_SECONDS
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except FileNotFoundError:
            raise
        except Exception as error:  # each fsspec backend has exceptions of its own
            if attempt == ATTEMPTS or isinstance(error, PermissionError):
                raise SourceUnavailable.because(where, error) from error
            time.sleep(pause)
            pause *= 2
    raise AssertionError("unreachable")


def _is_local(system: Any) -> bool:
    return "file" in _protocols(system)


def _is_web(system: Any) -> bool:
    return "http" in _protocols(system)


def _protocols(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)


def _modified_at(info: dict[str, Any]) -> datetime | None:
    found = next(
        (info[key] for key in ("mtime", "LastModified", "last_modified", "Last-Modified") if info.get(key)),
        None,
    )
    if isinstance(found, int | float):
        return datetime.fromtimestamp(found, tz=UTC)
    if isinstance(found, str):
        found = parsedate_to_datetime(found)
    if isinstance(found, datetime):
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    return None
