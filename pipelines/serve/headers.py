"""Headers of every answer, and what a page may load: by whoever made it.

Put here: policies, and the layer that adds them. Keep out: caching (``files``), routes (``app``).
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CLOSED = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
OF_OURS = f"{_CLOSED}; form-action 'self'; style-src 'self'"
"""Pages of the server itself: no script at all, and no style but the sheet."""
OF_SITE = f"{OF_OURS}; script-src 'self'; img-src 'self'"
"""Pages of the report site: its own scripts, sheets and pictures."""
OF_ASSET = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""What is no page: opened by itself it may do nothing."""
OF_DATA = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Open data: pages of others may read it."""
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": OF_OURS,
}
_BY_TLS = {"Strict-Transport-Security": "max-age=31536000"}


def quality_policy(styles: Sequence[str]) -> str:
    """Of a page on quality, which has its own style and no script: that style by its hash."""
    return f"{_CLOSED}; style-src {' '.join(styles) or chr(39) + 'none' + chr(39)}"


class WithHeaders:
    """Adds the headers that an answer does not have, and takes the prefix of the public address off a path
    where a proxy left it on."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if self._prefix and (path == self._prefix or path.startswith(f"{self._prefix}/")):
            scope = {**scope, "path": path.removeprefix(self._prefix) or "/"}
        always = _ALWAYS | _BY_TLS if scope.get("scheme") == "https" else _ALWAYS

        async def with_headers(said: Message) -> None:
            if said["type"] == "http.response.start":
                headers = MutableHeaders(scope=said)
                for name, value in always.items():
                    headers.setdefault(name, value)
            await send(said)

        await self._app(scope, receive, with_headers)
