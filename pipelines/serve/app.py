"""The server as an ASGI application: which address is answered by what.

Put here: routes, and what an error is answered with. Keep out: files (``published``, ``files``), checking
(``checker``), pages (``pages``), the socket (``server``).
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from pipelines.messages import Message, message, traceback_text
from pipelines.serve import files, pages
from pipelines.serve.checker import Answer, Checker, CheckFailedError, CheckTooSlowError, Form
from pipelines.serve.headers import WithHeaders
from pipelines.serve.limits import Limits, TooManyError
from pipelines.serve.published import MEDIA_TYPES, NotReadyError, NotServedError, Published
from pipelines.serve.upload import UploadRefusedError, received
from pipelines.settings import GATES, MB, Settings
from pipelines.storage.scratch import scratch_folder

_TO_WORKBOOK = "buku"
_SECONDS_TO_WAIT = 10
_MINUTES_TO_WAIT = 600
"""For how long a page that is not written yet need not be asked for again, in seconds."""


def application(settings: Settings) -> ASGIApp:
    """The application over one home."""
    server = _Server(settings)
    routes = [
        Route("/healthz", server.health),
        Route("/cek", server.form, methods=["GET"]),
        Route("/cek", server.check, methods=["POST"]),
        Route("/cek/", server.form_moved, methods=["GET"]),
        Route("/cek/gaya.css", server.style),
        Route("/robots.txt", server.robots),
        Route("/sitemap.xml", server.sitemap),
        Route("/{path:path}", server.public),
    ]
    if settings.serving.gates:
        gates = [
            Route(f"/{GATES}", server.gates_moved),
            Route(f"/{GATES}/", server.gates),
            Route(f"/{GATES}/{{name}}", server.gate),
        ]
        routes[-1:-1] = gates
    app = Starlette(
        routes=routes,
        lifespan=server.running,
        exception_handlers={
            HTTPException: server.refused,
            NotServedError: server.not_there,
            NotReadyError: server.not_ready,
            Exception: server.failed,
        },
    )
    # a redirect would be to the address that the request names
    app.router.redirect_slashes = False
    return WithHeaders(app, urlsplit(settings.serving.public_url or "").path.rstrip("/"))


class _Server:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._published = Published(settings)
        serving = settings.serving
        self._limits = Limits(serving.rate, serving.checks + serving.waiting)
        self._most_megabytes = settings.limits.file_bytes // MB
        self._style = pages.STYLE.read_bytes()
        self._style_tag = f'"{hashlib.sha256(self._style).hexdigest()[:16]}"'
        self._scratch: Path | None = None
        self._checker: Checker | None = None

    @asynccontextmanager
    async def running(self, _: Starlette) -> AsyncIterator[None]:
        """While the server runs: a folder for what comes in, and processes that check it."""
        with scratch_folder("serve") as self._scratch:
            self._checker = Checker(self._settings, self._scratch)
            self._checker.start()
            try:
                yield
            finally:
                await self._checker.close()

    def health(self, request: Request) -> Response:
        """That the server answers; which release it shows."""
        try:
            release, problem = self._published.release_id(), None
        except NotReadyError as error:
            release, problem = None, str(error)
        said = {"ok": True, "release": release} | ({"problem": problem} if problem else {})
        return JSONResponse(said, headers={"Cache-Control": "no-store"})

    def form(self, request: Request) -> Response:
        """The form that takes a file."""
        return self._form(request)

    def form_moved(self, request: Request) -> Response:
        """The same address with a slash."""
        return RedirectResponse("../cek", 308)

    def gates_moved(self, request: Request) -> Response:
        """The same address without a slash."""
        return RedirectResponse(f"{GATES}/", 308)

    def style(self, request: Request) -> Response:
        """The sheet of the server's own pages."""
        headers = {"ETag": self._style_tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == self._style_tag:
            return Response(status_code=304, headers=headers)
        return Response(self._style, headers=headers, media_type=MEDIA_TYPES[".css"])

    def robots(self, request: Request) -> Response:
        """What a crawler need not ask for, and where the pages are listed."""
        lines = ["User-agent: *", "Disallow: /cek", f"Disallow: /{GATES}/"]
        if url := self._settings.serving.public_url:
            lines.append(f"Sitemap: {url}sitemap.xml")
        return PlainTextResponse("\n".join(lines) + "\n", headers={"Cache-Control": "no-cache"})

    def sitemap(self, request: Request) -> Response:
        """The pages of the site; there is none where nobody said under which address they are reached."""
        url = self._settings.serving.public_url
        if url is None:
            raise NotServedError
        places = [url, *(f"{url}{page}" for page in self._published.pages() if page != "index.html")]
        listed = "".join(f"<url><loc>{escape(place)}</loc></url>\n" for place in places)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}</urlset>\n'
        )
        return Response(body, media_type=MEDIA_TYPES[".xml"], headers={"Cache-Control": "no-cache"})

    def public(self, request: Request) -> Response:
        """A file of the site or of the open data."""
        return files.answered(request, self._published.public(request.path_params["path"]))

    def gates(self, request: Request) -> Response:
        """Pages on the quality of releases, and on gates that closed."""
        found = self._published
        return pages.page(
            request,
            "gerbang.html",
            releases=found.releases(),
            gates=found.gates(),
            current=found.release_id(),
        )

    def gate(self, request: Request) -> Response:
        """One of these pages."""
        name = request.path_params["name"]
        return files.answered(request, self._published.quality(name), is_quality=name.endswith(".html"))

    async def check(self, request: Request) -> Response:
        """Check the file of a form; nothing of it is kept."""
        if request.headers.get("sec-fetch-site") == "cross-site":
            return self._form(request, 403, message("serve.other_site"), is_early=True)
        address = request.client.host if request.client else ""
        try:
            with self._limits.admitted(address):
                return await self._checked(request)
        except TooManyError as error:
            said = message("serve.too_many" if error.is_own else "serve.busy", seconds=error.seconds)
            status, headers = 429 if error.is_own else 503, {"Retry-After": str(error.seconds)}
            return self._form(request, status, said, headers, is_early=True)
        except UploadRefusedError as error:
            return self._form(request, error.status, error.said, is_early=not error.is_read)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it

    async def _checked(self, request: Request) -> Response:
        assert self._scratch is not None
        folder = Path(tempfile.mkdtemp(prefix="form-", dir=self._scratch))
        serving = self._settings.serving
        try:
            form, wanted = await received(
                request, folder, self._settings.limits.file_bytes, serving.upload_seconds
            )
            answer = await self._answer(request, form)
        except CheckTooSlowError:
            return self._form(request, 422, message("serve.too_slow", seconds=serving.seconds))
        except (CheckFailedError, TimeoutError):
            return self._form(request, 500, message("serve.fault"))
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        if "error" in answer.said:
            said = answer.said["error"]
            told = Message.of(said) if said else message("serve.fault")
            return self._form(request, 503 if said else 500, told)
        if wanted == _TO_WORKBOOK and answer.workbook:
            named = {"Content-Disposition": f'attachment; filename="{_ascii(pages.workbook_name(form))}"'}
            headers = {"Cache-Control": "no-store", **named}
            return Response(answer.workbook, headers=headers, media_type=MEDIA_TYPES[".xlsx"])
        return pages.result(request, form, answer, self._most_megabytes)

    async def _answer(self, request: Request, form: Form) -> Answer:
        """What is said of the form; who goes away meanwhile is not waited for."""
        assert self._checker is not None
        check = asyncio.create_task(self._checker.check(form))
        gone = asyncio.create_task(_gone(request))
        try:
            await asyncio.wait({check, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not check.done():
                raise ClientDisconnect
            return check.result()
        finally:
            for task in (gone, check):
                task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await check

    def _form(
        self,
        request: Request,
        status: int = 200,
        problem: Message | None = None,
        headers: dict[str, str] | None = None,
        *,
        is_early: bool = False,
    ) -> Response:
        return pages.page(
            request,
            "cek.html",
            status,
            headers,
            is_early=is_early,
            problem=problem,
            most=self._most_megabytes,
        )

    def refused(self, request: Request, error: Exception) -> Response:
        """A method that an address has not, and the like."""
        assert isinstance(error, HTTPException)
        said = message("serve.no_method" if error.status_code == 405 else "serve.not_there")
        headers = dict(error.headers or {})
        return self._said(request, error.status_code, said, headers)

    def not_there(self, request: Request, error: Exception) -> Response:
        """Nothing under the address."""
        return self._said(request, 404, message("serve.not_there"))

    def not_ready(self, request: Request, error: Exception) -> Response:
        """What should be there is not written yet."""
        assert isinstance(error, NotReadyError)
        return self._said(request, 503, error.said, {"Retry-After": str(_MINUTES_TO_WAIT)})

    def failed(self, request: Request, error: Exception) -> Response:
        """A fault of ours: in the log, never on the page."""
        print(traceback_text(error), file=sys.stderr)
        return self._said(request, 500, message("serve.fault"))

    def _said(
        self, request: Request, status: int, said: Message, headers: dict[str, str] | None = None
    ) -> Response:
        return pages.page(request, "pesan.html", status, headers, heading=str(status), said=said)


async def _gone(request: Request) -> None:
    """Wait until the other side has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode().replace("?", "_")
