"""Downloading one document, so that after a cut connection or a killed process only the rest is fetched.

What came is kept as ``<address>-<version>.partial`` (both hashed): a document that changed starts anew.

Put here: bytes over the line. Keep out: which documents there are, and how often is tried (``fetching``).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from pipelines.messages import message, printable
from pipelines.sources.files.file_systems import is_web
from pipelines.sources.files.local import NoDocumentError
from pipelines.storage.whole_files import this_boot
from pipelines.submissions.file_facts import sane_size, sane_time

RANGE_BYTES = 4 * 2**20
"""What is asked for at once where a document is fetched in parts."""


@dataclass(frozen=True, slots=True)
class Details:
    """What a place tells of a document: bytes, time (UTC), and what changes whenever its bytes do.

    ``version`` is empty unless the place tells an ETag that is not weak, or both size and time.
    """

    size: int | None
    modified_at: datetime | None
    version: str


def details(system: Any, path: str) -> Details:
    """What the place says of the document now, or said when it was listed.

    Raises:
        NoDocumentError: it is a folder, a pipe or a device.
    """
    told = info(system, path)
    if told.get("type", "file") != "file":
        raise NoDocumentError(message("file.not_regular", kind=told["type"]))
    size, modified_at = sane_size(told.get("size")), _modified_at(told)
    etag = printable(str(told.get("ETag") or told.get("etag") or ""))
    if etag and not etag.startswith("W/"):
        return Details(size, modified_at, etag)
    by_time = size is not None and modified_at is not None
    return Details(size, modified_at, f"{size}@{modified_at.isoformat()}" if modified_at and by_time else "")


def info(system: Any, path: str) -> dict[str, Any]:
    """fsspec's info, with a FileNotFoundError only where the place says so."""
    try:
        return system.info(path)
    except FileNotFoundError as error:
        # fsspec says "not found" of a web address for every failure; only 404 and 410 mean it
        if is_web(system) and error.__cause__ and getattr(error.__cause__, "status", None) not in (404, 410):
            raise error.__cause__ from None
        raise


def download(system: Any, path: str, about: Details, partial: Path | None, limit: int) -> bytes | None:
    """The document's bytes; none if there are more than ``limit``.

    Raises:
        OSError: the line was cut, or the document changed meanwhile; what came in time is kept in
            ``partial``, if given, for the next try.
    """
    if partial is None or not about.version or about.size is None:
        return _complete(system, path, about, BytesIO(), limit)
    kept = _partial_file(partial, system.unstrip_protocol(path), about.version)
    try:
        with kept.open("r+b") as so_far:
            content = _complete(system, path, about, so_far, limit)
    except _Changed:
        kept.unlink(missing_ok=True)
        raise
    kept.unlink(missing_ok=True)
    return content


class _Changed(OSError):
    """The document is not the one whose first part was fetched."""


def _partial_file(folder: Path, address: str, version: str) -> Path:
    of_address = hashlib.sha256(printable(address).encode()).hexdigest()[:32]
    # not flushed: after a power cut it may hold zeros where its bytes were
    of_version = hashlib.sha256(f"{version} {this_boot()}".encode()).hexdigest()[:32]
    kept = folder / f"{of_address}-{of_version}.partial"
    folder.mkdir(parents=True, exist_ok=True)
    for outdated in folder.glob(f"{of_address}-*.partial"):
        if outdated != kept:
            outdated.unlink(missing_ok=True)
    kept.touch()
    return kept


def _complete(system: Any, path: str, about: Details, so_far: BinaryIO, limit: int) -> bytes | None:
    start = so_far.seek(0, os.SEEK_END)
    parts = _stream(system, path, start) if is_web(system) else _ranges(system, path, start, about.size)
    if start != about.size:
        with closing(parts):
            for offset, part in parts:
                # written at its place, not appended: two runs at once write the same bytes there
                so_far.seek(offset)
                so_far.write(part)
                so_far.flush()
                if so_far.tell() > limit:
                    return None
    length = so_far.tell()
    if about.size is not None and length < about.size:
        raise ConnectionError(message("file.cut_off", received=length, size=about.size))
    if about.size is not None and length > about.size:
        raise _Changed(message("file.wrong_size", received=length, size=about.size))
    if start or length > RANGE_BYTES:
        _confirm(system, path, about)
    so_far.seek(0)
    return so_far.read(length)


def _confirm(system: Any, path: str, about: Details) -> None:
    # parts that came at different times are one document only if it is still the same
    system.invalidate_cache(path)
    if details(system, path).version != about.version:
        raise _Changed(message("file.changed"))


def _stream(system: Any, address: str, start: int) -> Generator[tuple[int, bytes], None, None]:
    """The parts of a web document from ``start`` on, each with its offset, in one request.

    A server that does not know ranges sends all of it: the offsets then begin at 0.
    """
    headers = {**system.kwargs.get("headers", {}), "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    # fsspec asks for the size, once more, unless it is given one
    with system.open(address, block_size=0, size=1, headers=headers) as remote:
        is_range = remote.r.headers.get("Content-Range", "").startswith(f"bytes {start}-")
        offset = start if is_range else 0
        while part := remote.read(RANGE_BYTES):
            yield offset, part
            offset += len(part)


def _ranges(system: Any, path: str, start: int, size: int | None) -> Generator[tuple[int, bytes], None, None]:
    """The parts of a document from ``start`` on, each with its offset, one request a range."""
    while size is None or start < size:
        end = start + RANGE_BYTES if size is None else min(start + RANGE_BYTES, size)
        part = system.cat_file(path, start=start, end=end)
        if not part:
            return
        yield start, part
        start += len(part)


def _modified_at(told: dict[str, Any]) -> datetime | None:
    found = next(
        (told[key] for key in ("mtime", "LastModified", "last_modified", "Last-Modified") if told.get(key)),
        None,
    )
    if isinstance(found, str):
        try:
            found = parsedate_to_datetime(found)
        except (ValueError, OverflowError, TypeError):
            return None
    return sane_time(found) if isinstance(found, int | float | datetime) else None
