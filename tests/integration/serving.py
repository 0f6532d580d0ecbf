"""A real ``spm serve`` in a process of its own, and what a client sends it.

Put here: starting and asking it. Keep out: what should come back (the tests say).
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

HOST = "127.0.0.1"
_LISTENING = re.compile(r"http://127[.]0[.]0[.]1:(\d+)/")
_SECONDS = 60


@dataclass(slots=True)
class Server:
    """A server that runs: its address, the temporary folder that it has to itself, what it said."""

    port: int
    temporary: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    def get(self, path: str, **given: object) -> httpx.Response:
        """Ask for a path as it stands."""
        return httpx.get(f"{self.url}{path}", timeout=_SECONDS, **given)  # type: ignore[arg-type]

    def check(
        self, name: str, content: bytes, wanted: str = "halaman", lang: str = "", **given: object
    ) -> httpx.Response:
        """Send a file by the form."""
        return httpx.post(
            f"{self.url}/cek{'?lang=' + lang if lang else ''}",
            files={"berkas": (name, content)},
            data={"jawaban": wanted},
            timeout=_SECONDS,
            **given,  # type: ignore[arg-type]
        )

    @contextmanager
    def sending(self, head: str, body: bytes = b"") -> Iterator[socket.socket]:
        """Send these bytes, and close the connection after the block."""
        with socket.create_connection((HOST, self.port), timeout=_SECONDS) as connection:
            connection.sendall(head.replace("\n", "\r\n").encode() + body)
            yield connection

    def raw(self, head: str, body: bytes = b"") -> bytes:
        """Send these bytes; returns what comes back until a page is whole or the server closes."""
        with self.sending(head, body) as connection:
            found = b""
            while piece := connection.recv(65536):
                found += piece
                if b"</html>" in found:
                    break
            return found

    def arrived(self) -> bool:
        """Whether something of a form lies there before long."""
        until = time.monotonic() + 20
        while not (found := self.left()) and time.monotonic() < until:
            time.sleep(0.02)
        return bool(found)

    def left(self) -> list[Path]:
        """What lies in its temporary folder beside the folders of processes that wait for a form."""
        waiting = {
            path for path in self.temporary.glob(".spm-scratch-serve-*/check-*") if not any(path.iterdir())
        }
        server = set(self.temporary.glob(".spm-scratch-serve-*"))
        return sorted(set(self.temporary.rglob("*")) - waiting - server)

    def settled(self, seconds: float = 10) -> list[Path]:
        """``left``, once nothing is there or the seconds are over."""
        until = time.monotonic() + seconds
        found = [self.temporary]
        while time.monotonic() < until:
            # a folder that goes while it is walked is one that is taken away
            with suppress(FileNotFoundError):
                if not (found := self.left()):
                    break
            time.sleep(0.05)
        return found


@contextmanager
def serving(home: Path, folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """``spm serve`` over a home; its temporary folder and its log lie in ``folder``."""
    temporary, log = folder / "tmp", folder / "log"
    temporary.mkdir(parents=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith("SPM_")}
    env |= {"TMPDIR": str(temporary), "SPM_THREADS": "1", **(environment or {})}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("spm"), "serve", "--home", str(home), "--port", "0"],
            env=env,
            stderr=said,
            stdout=said,
            cwd=folder,
        )
    try:
        server = Server(_port(log, process), temporary, log, process)
        _wait(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
    assert (code, sorted(temporary.iterdir())) == (128 + signal.SIGTERM, []), log.read_text()


def _port(log: Path, process: subprocess.Popen[bytes]) -> int:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and process.poll() is None:
        if found := _LISTENING.search(log.read_text()):
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def _wait(server: Server) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        try:
            if server.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(server.log.read_text())
