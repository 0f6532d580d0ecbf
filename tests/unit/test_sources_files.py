"""Documents are found wherever they lie; a place that cannot be listed is never taken for an empty one."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest

from pipelines.registry.periods import Period
from pipelines.sources import files
from pipelines.sources.specs import FileSource
from pipelines.sources.unavailable import SourceUnavailable

Q4 = Period(2024, 4)
ARRIVED = datetime(2025, 1, 9, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    for name in ("2024-Q4/b.csv", "2024-Q4/a.csv", "2024-Q4/~$a.csv", "2024-Q4/x/y/c.csv", "2025-Q1/d.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"isi {name}")
        os.utime(path, (ARRIVED.timestamp(), ARRIVED.timestamp()))
    return tmp_path


class _Quiet(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/rusak"):
            self.send_error(500)
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def site(inbox: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(inbox)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FIRST_PAUSE_SECONDS", 0)


def _spec(path: str) -> FileSource:
    return FileSource(name="daerah", kind="csv", path=path)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("{period}/*.csv", ["2024-Q4/a.csv", "2024-Q4/b.csv"], id="one-period"),
        pytest.param("{year}-Q{quarter}/*.csv", ["2024-Q4/a.csv", "2024-Q4/b.csv"], id="year-and-quarter"),
        pytest.param(
            "{period}/**/*.csv", ["2024-Q4/a.csv", "2024-Q4/b.csv", "2024-Q4/x/y/c.csv"], id="any-depth"
        ),
        pytest.param("*/[bd].csv", ["2024-Q4/b.csv", "2025-Q1/d.csv"], id="a-wildcard-folder"),
        pytest.param("2025-Q1/d.csv", ["2025-Q1/d.csv"], id="a-fixed-name"),
        pytest.param("2025-Q1", ["2025-Q1/d.csv"], id="a-folder"),
        pytest.param("2031-Q1/*.csv", [], id="nothing-there"),
    ],
)
def test_a_local_pattern_lists_documents_sorted_and_no_lock_files(
    inbox: Path, pattern: str, expected: list[str]
) -> None:
    assert files.list_files(_spec(f"{inbox}/{pattern}"), Q4) == [f"{inbox}/{name}" for name in expected]


def test_without_a_period_the_placeholders_match_every_period(inbox: Path) -> None:
    assert len(files.list_files(_spec(f"file://{inbox}/{{period}}/*.csv"), None)) == 3


def test_a_web_listing_is_listed_and_fetched_with_its_time(site: str) -> None:
    names = files.list_files(_spec(f"{site}/{{period}}/*.csv"), Q4)
    assert names == [f"{site}/2024-Q4/a.csv", f"{site}/2024-Q4/b.csv"]
    assert files.fetch(names[0]) == files.RawFile(names[0], b"isi 2024-Q4/a.csv", ARRIVED)


def test_memory_files_are_listed_and_fetched() -> None:
    with fsspec.open("memory://spm-uji/2024-Q4/x.csv", "wb") as file:
        file.write(b"isi")
    (name,) = files.list_files(_spec("memory://spm-uji/{period}/*.csv"), Q4)
    assert files.fetch(name).content == b"isi"


def test_a_local_file_is_fetched_with_its_time(inbox: Path) -> None:
    assert files.fetch(f"{inbox}/2025-Q1/d.csv").modified_at == ARRIVED


def test_a_period_not_yet_on_the_web_is_empty(site: str) -> None:
    assert files.list_files(_spec(f"{site}/{{period}}/*.csv"), Period(2031, 1)) == []
    assert files.list_files(_spec(f"{site}/{{period}}.csv"), Period(2031, 1)) == []


@pytest.mark.parametrize(
    "path", ["/tidak-ada/*.csv", "/tidak-ada.csv", "/rusak/*.csv", "/rusak/{period}.csv"]
)
def test_a_web_place_that_fails_is_unavailable_not_empty(site: str, path: str) -> None:
    with pytest.raises(SourceUnavailable, match="daerah: http"):
        files.list_files(_spec(site + path), Q4)


@pytest.mark.parametrize("path", ["/{period}/*.csv", "/{period}.csv", "/*/a.csv"])
def test_a_server_that_is_down_is_unavailable_not_empty(path: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(SourceUnavailable, match="cannot be opened"):
        files.list_files(_spec(f"http://127.0.0.1:{port}{path}"), Q4)


def test_a_source_is_not_asked_outside_its_periods(site: str) -> None:
    spec = FileSource(name="lama", kind="csv", path=f"{site}/rusak/*.csv", periods="2019-Q1..2020-Q4")
    assert files.list_files(spec, Q4) == []
