"""Which file of the home answers an address: of the site, of the open data, of the pages on quality.

``published/current`` is read for each request, so that another release is seen as soon as it is current. A
file is opened folder by folder from the home, and no link is followed: nothing beside these folders, nothing
hidden and nothing of another kind is ever answered.

Put here: from an address to an open file. Keep out: answering with it (``files``), writing these folders.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from pipelines.errors import SpmError
from pipelines.messages import Message, message
from pipelines.publish.releases import Releases
from pipelines.quality.page import PAGE
from pipelines.settings import Settings

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttl": "text/turtle; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
"""The kinds of files that are answered; any other is not there."""
ALIASES = {"catalog.jsonld": "catalogue.jsonld"}
"""Another name under which a harvester looks for a catalogue."""
_SITE, _DATA, _CLOSED = "site", "open-data", "closed"
_FIRST_PAGE, _CATALOGUE = "index.html", "data.json"
_OF_DATA = frozenset({".json", ".jsonld", ".csv", ".xlsx", ".xml", ".ttl", ".parquet", ".zip"})
_MOST_PARTS, _LONGEST_PART = 6, 120
_PART = re.compile(r"[^\x00-\x1f\x7f/\\:]+")
_CLOSED_PAGE = re.compile(r"(?P<period>\d{4}-Q[1-4])-[0-9a-f]{12}\.(?:html|csv)")
_RELEASE_PAGE = re.compile(r"(?P<release>r\d{4,}-[0-9a-f]{12})\.html")


class NotServedError(Exception):
    """Nothing is there under the address."""


class NotReadyError(Exception):
    """What should be there is not written yet; ``said`` names the command that writes it."""

    def __init__(self, said: Message) -> None:
        super().__init__(str(said))
        self.said = said


@dataclass(frozen=True, slots=True)
class Opened:
    """An open file: of which release, which media type, and of which other release than the current one it
    has to be said to be."""

    file: BinaryIO
    suffix: str
    size: int
    changed_ns: int
    release_id: str
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """A page on a gate that closed: its file, the first of its quarters, when it was written (seconds)."""

    name: str
    period: str
    written_at: float


class Published:
    """The folders of one home that are served."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._releases = Releases(settings.published)

    def release_id(self) -> str | None:
        """The current release; none before the first.

        Raises:
            NotReadyError: it cannot be read.
        """
        try:
            return self._releases.current_id() if (self._settings.published / "current").exists() else None
        except (SpmError, OSError) as error:
            raise NotReadyError(message("serve.damaged", why=str(error))) from None

    def public(self, path: str) -> Opened:
        """The file of the site, or of the open data, under a path.

        Raises:
            NotServedError: there is none.
            NotReadyError: the folder that it belongs to is not written yet.
        """
        parts = _parts(ALIASES.get(path, path) or _FIRST_PAGE)
        release = self.release_id()
        if release is None:
            raise NotReadyError(message("serve.nothing_published"))
        for folder in (self._site(release), self._data(release)):
            if (found := self._open([*folder, *parts], release)) is not None:
                return found
        if self._is_there([*self._site(release), _FIRST_PAGE]):
            if _suffix(parts) in _OF_DATA and not self._is_there([*self._data(release), _CATALOGUE]):
                raise NotReadyError(message("serve.no_open_data", release=release))
            raise NotServedError
        if _suffix(parts) not in _OF_DATA and (before := self._site_before(release)) is not None:
            if (found := self._open([*self._site(before), *parts], before)) is not None:
                return replace(found, instead_of=release)
            raise NotServedError
        if _suffix(parts) in _OF_DATA:
            if self._is_there([*self._data(release), _CATALOGUE]):
                raise NotServedError
            raise NotReadyError(message("serve.no_open_data", release=release))
        raise NotReadyError(message("serve.no_site", release=release))

    def quality(self, name: str) -> Opened:
        """The page on a release, or on a gate that closed, or the list beside one.

        Raises:
            NotServedError: there is none.
        """
        if found := _RELEASE_PAGE.fullmatch(name):
            release = found["release"]
            if release in self._releases.ids():
                below = [self._settings.published.name, "releases", release, PAGE]
                if (opened := self._open(below, release)) is not None:
                    return opened
        elif _CLOSED_PAGE.fullmatch(name) and (opened := self._open([_CLOSED, name], "closed")) is not None:
            return opened
        raise NotServedError

    def releases(self) -> list[str]:
        """Releases with a page on their quality, the newest first."""
        places = {release: self._releases.place(release) / PAGE for release in self._releases.ids()}
        return sorted((release for release, page in places.items() if page.is_file()), reverse=True)

    def gates(self) -> list[Gate]:
        """Gates that closed, the newest first."""
        found = [
            Gate(path.name, name["period"], path.stat().st_mtime)
            for path in self._settings.closed.glob("*.html")
            if (name := _CLOSED_PAGE.fullmatch(path.name)) and path.is_file() and not path.is_symlink()
        ]
        return sorted(found, key=lambda gate: (-gate.written_at, gate.name))

    def pages(self) -> Iterator[str]:
        """The paths of the pages of the site of the current release."""
        release = self.release_id()
        if release is None:
            return
        site = self._settings.home.joinpath(*self._site(release))
        for path in sorted(site.rglob("*.html")):
            yield path.relative_to(site).as_posix()

    def _site(self, release: str) -> list[str]:
        return [self._settings.reports.name, release, _SITE]

    def _data(self, release: str) -> list[str]:
        return [self._settings.open_data.name, release]

    def _site_before(self, release: str) -> str | None:
        """The last release, of those that the current one was built on, whose site there is.

        One that was rolled back is not among them.
        """
        try:
            line = self._releases.line(release)[1:]
        except SpmError:
            return None
        return next((one for one in line if self._is_there([*self._site(one), _FIRST_PAGE])), None)

    def _is_there(self, below: Sequence[str]) -> bool:
        found = self._open(below, "")
        if found is not None:
            found.file.close()
        return found is not None

    def _open(self, below: Sequence[str], release: str) -> Opened | None:
        suffix = _suffix(below)
        if suffix not in MEDIA_TYPES:
            return None
        try:
            file = _open_below(self._settings.home, below)
        except OSError:
            return None
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            file.close()
            return None
        return Opened(file, suffix, found.st_size, found.st_mtime_ns, release)


def _suffix(parts: Sequence[str]) -> str:
    return Path(parts[-1]).suffix.lower()


def _parts(path: str) -> list[str]:
    """The parts of a path below a folder.

    Raises:
        NotServedError: it is none that we would write: hidden, or leading elsewhere.
    """
    parts = path.split("/")
    if parts[-1] == "":
        parts[-1] = _FIRST_PAGE
    for part in parts:
        is_ours = _PART.fullmatch(part) and not part.startswith((".", "~")) and len(part) <= _LONGEST_PART
        if not is_ours:
            raise NotServedError
    if len(parts) > _MOST_PARTS:
        raise NotServedError
    return parts


def _open_below(root: Path, below: Sequence[str]) -> BinaryIO:
    """Open a file below a folder, each part of the way in turn; a link among them is an error."""
    *folders, name = below
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
            os.close(at)
            at = inner
        # a pipe in the place of a file would be waited for
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
        return os.fdopen(os.open(name, flags, dir_fd=at), "rb")
    finally:
        os.close(at)
