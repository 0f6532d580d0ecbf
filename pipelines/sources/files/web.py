"""A web server as a folder of files: its links are followed below the source's own folder, and nowhere else.

Headers of a source hold its secrets, and go with every request; so no request leaves the server that the
sources file names. Known quirks: fsspec takes any address in a page for a link, follows every redirect, and
reads a listing whole, however long it is.

Put here: asking a web server. Keep out: which source wants it (``file_systems``), bytes (``downloads``).
"""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import aiohttp
import yarl
from fsspec.implementations.http import HTTPFileSystem

from pipelines.messages import message
from pipelines.settings import MB

LISTING_BYTES = 16 * MB
"""How long a listing may be."""
_PIECE = 2**16
# a tag ends before the next `<`: a page that never closes one is looked at once
_ANCHOR = re.compile(r"<a\s([^<>]*)>?", re.IGNORECASE)
_TARGET = re.compile(r"""(?<![\w-])href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_DEEPEST_ESCAPE = 3


class OutsideError(PermissionError):
    """A link or a redirect leads away from the folder of the source; the message names where it leads."""


class FolderOfWeb(HTTPFileSystem):
    """The files below the address ``within``, which ends with a slash."""

    client_kwargs: dict[str, Any]

    def __init__(self, within: str, **options: Any) -> None:
        self.within = within
        super().__init__(**options)

    async def set_session(self) -> aiohttp.ClientSession:
        """The session; each request of it, and each redirect, is looked at before it is sent."""
        if self._session is None:
            looks = aiohttp.TraceConfig()
            looks.on_request_start.append(self._before_request)
            looks.on_request_redirect.append(self._before_redirect)
            self.client_kwargs = {**self.client_kwargs, "trace_configs": [looks]}
        return await super().set_session()

    async def _ls_real(self, url: str, detail: bool = True, **_: Any) -> list[Any]:
        folder = url if url.endswith("/") else f"{url}/"
        try:
            page = await self._page(folder)
        except FileNotFoundError:
            # a server may know its folders by their bare names
            page = await self._page(folder.rstrip("/"))
        found = sorted(_links(page, folder))
        if not detail:
            return found
        return [
            {"name": link, "size": None, "type": "directory" if link.endswith("/") else "file"}
            for link in found
        ]

    async def _page(self, url: str) -> str:
        session = await self.set_session()
        content = bytearray()
        async with session.get(self.encode_url(url), **self.kwargs) as answer:
            self._raise_not_found_for_status(answer, url)
            kind = answer.headers.get("Content-Type", "text/html").partition(";")[0].strip().lower()
            if kind not in ("text/html", "application/xhtml+xml"):
                return ""
            async for piece in answer.content.iter_chunked(_PIECE):
                content += piece
                if len(content) > LISTING_BYTES:
                    raise PermissionError(message("file.long_listing", most=LISTING_BYTES // MB))
        return content.decode("utf-8", "replace")

    async def _before_request(self, _: Any, __: Any, about: aiohttp.TraceRequestStartParams) -> None:
        self._demand_inside(about.url)

    async def _before_redirect(self, _: Any, __: Any, about: aiohttp.TraceRequestRedirectParams) -> None:
        headers = about.response.headers
        self._demand_inside(about.url.join(yarl.URL(headers.get("Location") or headers.get("URI") or "")))

    def _demand_inside(self, address: yarl.URL) -> None:
        if not is_inside(str(address), self.within):
            # without its path and query, which may hold what is not for a log
            raise OutsideError(message("file.leads_outside", address=str(address.origin())))


def folder_of(address: str) -> str:
    """The folder of an address, with its slash: what stands before the first pattern or the file's name."""
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    fixed = re.split(r"[*?\[]", path, maxsplit=1)[0]
    return f"{scheme}://{host}/{fixed.rpartition('/')[0]}".rstrip("/") + "/" if slash else f"{address}/"


def is_inside(address: str, folder: str) -> bool:
    """Whether an address is the folder or lies below it, on the same scheme, server and port.

    One whose path goes up, however it is escaped, is not: servers disagree about what it means.
    """
    asked, own = yarl.URL(address), yarl.URL(folder)
    if (asked.scheme, asked.host, asked.port) != (own.scheme, own.host, own.port) or asked.user:
        return False
    path = asked.raw_path
    for _ in range(_DEEPEST_ESCAPE):
        if ".." in re.split(r"[/\\]", path):
            return False
        path = unquote(path)
    return f"{asked.path}/".startswith(own.path) or asked.path.startswith(own.path)


def _links(page: str, base: str) -> set[str]:
    """The addresses that the page of a folder links to and that lie below it, as far as they look."""
    start = urlsplit(base)
    found = set()
    for anchor in _ANCHOR.findall(page):
        target = _TARGET.search(anchor)
        written = html.unescape(target[1] or target[2] or target[3] or "").strip() if target else ""
        try:
            link = urljoin(base, written).partition("#")[0]
            parts = urlsplit(link)
        except ValueError:
            continue
        is_below = (parts.scheme, parts.netloc) == start[:2] and parts.path.startswith(start.path)
        if written and is_below and link != base:
            found.add(link)
    return found
