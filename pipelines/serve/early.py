"""An answer that is given while the form is still coming in.

A browser reads an answer only once it has sent its form, and shows none where the connection is closed
before. So what comes after the answer is read for a while, and thrown away.

Put here: that answer. Keep out: why it is given (``upload``, ``limits``).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pipelines.settings import MB

MOST_BYTES, MOST_SECONDS = 100 * MB, 10


class EarlyResponse(Response):
    """A response that leaves time to read it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, then read the rest of the request, within bounds."""
        self.headers["Connection"] = "close"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        # who asks before sending does not send now, and who would send for hours is not waited for
        if headers.get("expect") is None and not (length.isdigit() and int(length) > MOST_BYTES):
            with suppress(TimeoutError):
                async with asyncio.timeout(MOST_SECONDS):
                    await _thrown_away(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _thrown_away(receive: Receive) -> None:
    count = 0
    while count < MOST_BYTES:
        found = await receive()
        if found["type"] != "http.request" or not found.get("more_body", False):
            return
        count += len(found.get("body", b""))
