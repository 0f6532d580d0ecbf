"""A form that comes in over HTTP: written to the disk piece by piece, refused as soon as it is too much.

Put here: reading the body of a request. Keep out: what a document may be (``readers.guard``), pages.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from pipelines.messages import Message, message, printable
from pipelines.readers.dispatch import DOCUMENTS
from pipelines.serve.checker import Form
from pipelines.settings import MB

FILE, WANTED = "berkas", "jawaban"
"""The fields of the form: the file, and what is to be answered."""
_BESIDE_BYTES = 64 * 1024
"""What the fields and headers around the file may take."""
_MOST_HEADERS, _HEADER_BYTES, _FIELD_BYTES = 8, 4096, 1024
_LONGEST_NAME = 120
_SEPARATORS = re.compile(r"[/\\]")


class UploadRefusedError(Exception):
    """The request is not answered with a check: the status, and what is said. ``is_read``: all of it came."""

    def __init__(self, status: int, said: Message, *, is_read: bool = False) -> None:
        super().__init__(str(said))
        self.status, self.said, self.is_read = status, said, is_read


async def received(request: Request, folder: Path, most: int, seconds: int) -> tuple[Form, str]:
    """Write the form of a request into ``folder``; returns it, and what is wanted of it.

    Raises:
        UploadRefusedError: too large, too slow, cut, or no form.
        ClientDisconnect: whoever sent it is gone.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise UploadRefusedError(415, message("serve.no_form"))
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most + _BESIDE_BYTES:
        raise _too_large(most)
    path = folder / "form"
    is_read = False
    try:
        with path.open("wb") as file:
            parts = _Parts(file, most)
            parser = parts.parser(options[b"boundary"])
            async with asyncio.timeout(seconds):
                count = 0
                async for piece in request.stream():
                    count += len(piece)
                    if count > most + _BESIDE_BYTES:
                        raise _too_large(most)
                    parser.write(piece)
            is_read = True
            parser.finalize()
    except TimeoutError:
        raise UploadRefusedError(408, message("serve.too_slow_upload", seconds=seconds)) from None
    except FormParserError:
        raise UploadRefusedError(400, message("serve.cut"), is_read=is_read) from None
    if not parts.is_whole:
        raise UploadRefusedError(400, message("serve.cut"), is_read=True)
    if parts.name is None or (not parts.name and not parts.count):
        raise UploadRefusedError(400, message("serve.no_file"), is_read=True)
    name = shown_name(parts.name)
    ending = Path(name).suffix.lower()
    read_as = next((kind for kind, one in DOCUMENTS.items() if ending in one.endings), "csv")
    return Form(path, name, read_as), parts.fields.get(WANTED, "")


def _too_large(most: int) -> UploadRefusedError:
    return UploadRefusedError(413, message("serve.too_large", most=most // MB))


def shown_name(text: str) -> str:
    """The name of a file as it may be shown: no folder, no sign that is more than a letter, not too long."""
    name = printable(_SEPARATORS.split(text)[-1]).strip() or "formulir"
    if len(name) <= _LONGEST_NAME:
        return name
    ending = Path(name).suffix[:8]
    return name[: _LONGEST_NAME - len(ending) - 1] + "…" + ending


class _Parts:
    """What the parser finds: one file, which goes to the disk, and short fields."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._most = file, most
        self._headers: MutableMapping[bytes, bytes] = {}
        self._header: list[bytes] = [b"", b""]
        self._field: str | None = None
        self._is_file = False
        self.fields: dict[str, str] = {}
        self.name: str | None = None
        self.count = 0
        self.is_whole = False

    def parser(self, boundary: bytes) -> MultipartParser:
        calls: Any = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._head(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._head(1, data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_data,
            "on_part_data": lambda data, start, end: self._data(data[start:end]),
            "on_end": self._end,
        }
        return MultipartParser(boundary, calls, max_header_count=_MOST_HEADERS, max_header_size=_HEADER_BYTES)

    def _begin(self) -> None:
        self._headers, self._header = {}, [b"", b""]

    def _head(self, which: int, piece: bytes) -> None:
        self._header[which] += piece

    def _end_header(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def _begin_data(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        if not self._is_file:
            return
        if self._field != FILE or self.name is not None:
            raise UploadRefusedError(400, message("serve.several_files"))
        self.name = options[b"filename"].decode("utf-8", "replace")

    def _data(self, piece: bytes) -> None:
        if self._is_file:
            self.count += len(piece)
            if self.count > self._most:
                raise _too_large(self._most)
            self._file.write(piece)
            return
        name = self._field or ""
        text = self.fields.get(name, "") + piece.decode("utf-8", "replace")
        if len(text) > _FIELD_BYTES or len(self.fields) > _MOST_HEADERS:
            raise UploadRefusedError(400, message("serve.no_form"))
        self.fields[name] = text

    def _end(self) -> None:
        self.is_whole = True
