"""A server names persons and secrets in what fails: Dagster, the ledger and the log keep neither."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from pipelines.build import ledger
from pipelines.definitions import build_definitions
from pipelines.defs.in_process import run_periods
from pipelines.publish.releases import Releases
from tests.integration.home import document, open_gate, settings_of, without_dbt

pytestmark = [pytest.mark.attack("output"), pytest.mark.history]
PERIOD = "2024-Q4"
NIK, PHONE, TOKEN = "6471051708890003", "081234567890", "kunci-lain"
GOOD = "laporan.csv"
BAD = [f"Budi {NIK}.csv", f"hp {PHONE}.csv", f"unduh token={TOKEN}.csv"]


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """A listing; one file of it is there, the others are not."""
        row = {"record": "achievement", "region": "64.71", "period": PERIOD, "service": "K-PEND-01"}
        row |= {"component": "recipients", "target": "100", "realised": "90"}
        if self.path == "/":
            listed = "".join(f'<a href="{quote(name)}">x</a>' for name in [GOOD, *BAD])
            self._answer(200, f"<html>{listed}</html>".encode(), "text/html")
        elif self.path == f"/{GOOD}":
            self._answer(200, document([row]), "text/csv")
        else:
            self._answer(403, b"no", "text/plain")

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def origin() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_names_that_a_server_lists_are_kept_without_persons_and_secrets(origin: str, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert settings.sources_file is not None
    spec = f"sources:\n  - name: portal\n    kind: csv\n    path: {origin}/*.csv\n"
    settings.sources_file.write_text(spec, encoding="utf-8")
    with without_dbt(), open_gate():
        run_periods(build_definitions, settings, [PERIOD])
    assert Releases(settings.published).ids()
    (entry,) = ledger.entries(settings)
    kept = [
        path for name in ("dagster", "runs") for path in (settings.home / name).rglob("*") if path.is_file()
    ]
    # that it was told at all
    assert any(b"Forbidden" in path.read_bytes() for path in kept), entry
    for never in (NIK, PHONE, TOKEN):
        found = [path for path in kept if never.encode() in path.read_bytes()]
        assert not found, never
    assert "[NIK]" in json.dumps([path.read_text(errors="replace") for path in kept])
