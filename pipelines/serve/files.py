"""Answering with a file that was opened: whole, or that it did not change.

Put here: headers of files, and the line over a page of another release. Keep out: which file (``published``),
headers of every answer (``headers``).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html import escape
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pipelines.messages import message
from pipelines.serve.headers import OF_ASSET, OF_DATA, OF_SITE, quality_policy
from pipelines.serve.published import MEDIA_TYPES, Opened

_PIECE = 256 * 1024
_BODY = re.compile(rb"<body[^>]*>")
_STYLE = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)
_PAGES = {".html"}
_ATTACHED = {".xlsx", ".parquet", ".zip"}
_OF_DATA = {".csv", ".json", ".jsonld", ".xml", ".ttl", ".xlsx", ".parquet", ".zip"}


def answered(request: Request, opened: Opened, *, is_quality: bool = False) -> Response:
    """The answer with an open file, which is closed."""
    tag = f'"{opened.release_id}-{opened.changed_ns:x}-{opened.size:x}{"-n" if opened.instead_of else ""}"'
    headers = {
        "ETag": tag,
        # whoever has it asks whether it is still that: the current release may be another one
        "Cache-Control": "no-cache",
        "Content-Security-Policy": OF_SITE if opened.suffix in _PAGES else OF_ASSET,
    }
    if opened.suffix in _OF_DATA:
        headers |= OF_DATA
    if opened.suffix in _ATTACHED:
        headers["Content-Disposition"] = "attachment"
    if tag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
        opened.file.close()
        return Response(status_code=304, headers=headers)
    media_type = MEDIA_TYPES[opened.suffix]
    if opened.suffix in _PAGES and (opened.instead_of or is_quality):
        with opened.file as file:
            page = file.read()
        if is_quality:
            headers["Content-Security-Policy"] = quality_policy(_style_hashes(page))
        if opened.instead_of:
            page = _marked(page, opened)
        return Response(page, media_type=media_type, headers=headers)
    headers["Content-Length"] = str(opened.size)
    if request.method == "HEAD":
        opened.file.close()
        return Response(headers=headers, media_type=media_type)
    return StreamingResponse(_pieces(opened.file, opened.size), media_type=media_type, headers=headers)


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    with file:
        while size > 0 and (piece := file.read(min(_PIECE, size))):
            size -= len(piece)
            yield piece


def _marked(page: bytes, opened: Opened) -> bytes:
    """The page of an earlier release, which says so before anything else."""
    said = message("serve.other_release", shown=opened.release_id, current=opened.instead_of)
    line = (
        f'<p class="made-up" role="status">{escape(said.indonesian)}. '
        f'<span lang="en">{escape(said.english)}.</span></p>'
    )
    return _BODY.sub(lambda found: found[0] + line.encode(), page, count=1)


def _style_hashes(page: bytes) -> list[str]:
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"
        for style in _STYLE.findall(page)
    ]
