"""A regional portal that misbehaves on purpose: a real HTTP server on loopback with a plan of faults.

A plan gives a fault to some requests, by their number from 0. Faults of the way spoil one answer; lies are
whole answers that are wrong; changes alter what the portal holds while it is being read.

Put here: the server and its faults. Keep out: what a reader must make of them (the tests).
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

Style = Literal["none", "number", "offset", "cursor", "link", "next"]
STYLES: tuple[Style, ...] = ("none", "number", "offset", "cursor", "link", "next")

WAY = ("cut", "dropped", "truncated", "gzip_cut", "html", "busy", "error", "slow")
HARMLESS = ("redirected", "gzip", "wrong_type")
LIES = ("repeated", "empty", "skipped", "early_end", "wrong_total")
CHANGES = ("inserted", "deleted", "changed")

SLOW_SECONDS = 0.6

Row = dict[str, Any]
Held = list[tuple[str, str]]
"""What the portal holds at one moment: id and content of each row, sorted."""


@dataclass
class Reply:
    """One HTTP answer; ``cut_at`` ends the connection after so many bytes of the body (-1: before any)."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    seconds_per_byte: float = 0


@dataclass
class Portal:
    """The rows of a portal, how it pages them, who may read them, and its plan of faults.

    ``tells_total``: each page says how many rows there are. ``fixed``: every request gets this answer; a
    plan may hold such an answer for one request.
    ``states`` is all that it ever held, ``asked`` the time and the target of each request, ``fired`` the
    faults that were met.
    """

    rows: list[Row]
    style: Style = "none"
    size: int = 3
    tells_total: bool = False
    header: tuple[str, str] | None = None
    plan: Mapping[int, str | Reply] = field(default_factory=dict)
    fixed: Reply | None = None
    states: list[Held] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)
    fired: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.states.append(held(self.rows))

    def __enter__(self) -> Portal:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.portal = self
        threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def reply(self, target: str, headers: Mapping[str, str]) -> Reply:
        """The answer to one request, under the fault that the plan has for it."""
        with self._lock:
            fault = self.plan.get(len(self.asked), "")
            self.asked.append((time.monotonic(), target))
            if self.header and headers.get(self.header[0]) != self.header[1]:
                return Reply(401)
            if isinstance(fault, Reply):
                return fault
            if self.fixed:
                return self.fixed
            self.fired.add(fault)
            self._change(fault)
            reply = self._page(target, fault)
        if fault == "slow":
            time.sleep(SLOW_SECONDS)
        return _spoilt(reply, fault, target)

    def _change(self, fault: str) -> None:
        number = len(self.asked)
        if fault == "inserted":
            self.rows.insert(0, {**row(10_000 + number)})
        elif fault == "deleted" and self.rows:
            self.rows.pop(0)
        elif fault == "changed" and self.rows:
            at = number % len(self.rows)
            self.rows[at] = {**self.rows[at], "realisasi": 1000 + number}
        else:
            return
        self.states.append(held(self.rows))

    def _page(self, target: str, fault: str) -> Reply:
        asked = {name: texts[0] for name, texts in parse_qs(urlsplit(target).query).items()}
        start = self._start(asked)
        after = start + self.size if self.style != "none" else len(self.rows)
        first = {"repeated": max(0, start - self.size), "skipped": after}.get(fault, start)
        shown = [] if fault == "empty" else self.rows[first : first + after - start]
        following = first + after - start if fault == "skipped" else after
        is_last = following >= len(self.rows) or fault == "early_end"
        body: dict[str, Any] = {"data": shown, "meta": {}}
        headers = {"Content-Type": "application/json"}
        if self.tells_total:
            body["meta"]["total"] = len(self.rows) + (fault == "wrong_total")
        address = f"{self.origin}/capaian?from={following}"
        if self.style == "cursor":
            body["meta"]["next"] = None if is_last else f"c{following}"
        if self.style == "next":
            body["meta"]["next"] = None if is_last else address
        if self.style == "link" and not is_last:
            headers["Link"] = f'<{self.origin}/capaian>; rel="first", <{address}>; title="a, b=c"; rel="next"'
        return Reply(body=json.dumps(body).encode(), headers=headers)

    def _start(self, asked: Mapping[str, str]) -> int:
        if self.style == "number":
            return (int(asked["page"]) - 1) * self.size
        if self.style == "offset":
            return int(asked["offset"])
        return int(asked.get("from") or asked.get("cursor", "c0")[1:])


def row(number: int) -> Row:
    """A made-up row of one of three regions."""
    return {
        "id": f"r{number}",
        "daerah": {"kode": f"64.7{number % 3 + 1}"},
        "layanan": "K-PEND-01",
        "target": 100,
        "realisasi": number % 97,
    }


def held(rows: list[Row]) -> Held:
    """The rows as they are compared: id and content, sorted; a row that is there twice is there twice."""
    return sorted((row["id"], str(row["realisasi"])) for row in rows)


def _spoilt(reply: Reply, fault: str, target: str) -> Reply:
    half = len(reply.body) // 2
    packed = gzip.compress(reply.body)
    zipped = {**reply.headers, "Content-Encoding": "gzip"}
    moved = "&" if "?" in target else "?"
    spoilt = {
        "cut": Reply(body=reply.body, headers=reply.headers, cut_at=half),
        "dropped": Reply(cut_at=-1),
        "truncated": Reply(body=reply.body[:half], headers=reply.headers),
        "gzip_cut": Reply(body=packed[: len(packed) // 2], headers=zipped),
        "html": Reply(body=b"<html>Silakan masuk</html>", headers={"Content-Type": "text/html"}),
        "busy": Reply(429, headers={"Retry-After": "0"}),
        "error": Reply((500, 502, 503, 504)[half % 4]),
        "redirected": Reply(302, headers={"Location": f"{target}{moved}via=1"}),
        "gzip": Reply(body=packed, headers=zipped),
        "wrong_type": Reply(body=reply.body, headers={**reply.headers, "Content-Type": "text/plain"}),
    }
    return spoilt.get(fault, reply)


class _Server(ThreadingHTTPServer):
    portal: Portal
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Readers that hang up are no news; any other error shows as a request without an answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        reply = self.server.portal.reply(self.path, self.headers)
        try:
            if reply.cut_at != -1:
                self._send(reply)
        except OSError:
            self.close_connection = True  # the reader gave up waiting
            return
        if reply.cut_at is not None:
            # with a reset, as a firewall does it
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.seconds_per_byte:
            self.wfile.flush()
            for byte in reply.body:
                time.sleep(reply.seconds_per_byte)
                self.connection.sendall(bytes([byte]))
            return
        self.wfile.write(reply.body[: reply.cut_at])
        self.wfile.flush()

    def log_message(self, *_: object) -> None: ...
