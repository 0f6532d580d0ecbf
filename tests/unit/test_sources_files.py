"""Documents are found wherever they lie; a place that cannot be listed is never taken for an empty one."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pytest
from pydantic import ValidationError

from pipelines.registry.periods import Period
from pipelines.settings import PROJECT_DIR
from pipelines.sources.config import load_sources
from pipelines.sources.files import fetching as files
from pipelines.sources.files.file_systems import storage_options
from pipelines.sources.files.spec import FileSource
from pipelines.sources.source import SourceUnavailable, Terms
from pipelines.submissions.rows import RawFile, Reject
from pipelines.submissions.unfetched import TOO_LARGE_RULE, is_unfetched

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
    spec = _spec(f"{site}/{{period}}/*.csv")
    names = files.list_files(spec, Q4)
    assert names == [f"{site}/2024-Q4/a.csv", f"{site}/2024-Q4/b.csv"]
    version = f"17@{ARRIVED.isoformat()}"
    assert files.fetch(spec, names[0]) == RawFile(names[0], b"isi 2024-Q4/a.csv", ARRIVED, names[0], version)


def test_memory_files_are_listed_and_fetched() -> None:
    with fsspec.open("memory://spm-uji/2024-Q4/x.csv", "wb") as file:
        file.write(b"isi")
    spec = _spec("memory://spm-uji/{period}/*.csv")
    (name,) = files.list_files(spec, Q4)
    fetched = files.fetch(spec, name)
    assert isinstance(fetched, RawFile)
    assert fetched.content == b"isi"


def test_a_local_file_is_fetched_with_its_time_and_its_address_is_not_told(inbox: Path) -> None:
    name = f"{inbox}/2025-Q1/d.csv"
    found = files.fetch(_spec(name), name)
    assert found == RawFile(name, b"isi 2025-Q1/d.csv", ARRIVED, origin="d.csv")
    assert files.fetch(_spec(f"{inbox}/{{period}}/*.csv"), name).origin == "2025-Q1/d.csv"


@pytest.mark.parametrize(
    ("folder", "pattern", "expected"),
    [
        ("64.71", "{period}/*/*.csv", "64.71"),
        ("64.71", "{period}/*/**/*.csv", "64.71"),
        ("64.71/64.08", "{period}/**/*.csv", "64.71"),
        ("64.08/../64.08/64.71", "{period}/**/*.csv", "64.08"),
        (" 64.71", "{period}/*/*.csv", " 64.71"),
        ("64%2E71", "{period}/*/*.csv", "64%2E71"),
        ("64\u200b.71", "{period}/*/*.csv", "64%E2%80%8B.71~9ade5cee"),
        ("64.71", "2024-Q4/64.*/*.csv", "64.71"),
        (".", "{period}/**/*.csv", ""),
        ("64.71", "{period}/64.71/*.csv", None),
        ("64.71", "{period}/64.71/x.csv", None),
    ],
)
@pytest.mark.parametrize("way", ["local", "address", "web"])
def test_the_folder_of_a_sender_is_the_first_that_a_pattern_stands_for(
    inbox: Path, site: str, way: str, folder: str, pattern: str, expected: str | None
) -> None:
    path = inbox / "2024-Q4" / folder / "x.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("isi")
    start = {"local": str(inbox), "address": f"file://{inbox}", "web": site}[way]
    spec = _spec(f"{start}/{pattern}")
    found = [files.fetch(spec, name) for name in files.list_files(spec, Q4) if name.endswith("/x.csv")]
    assert [one.folder for one in found if isinstance(one, RawFile)] == [expected]


def test_a_local_file_that_is_too_large_is_stood_for_by_lines_that_say_so(inbox: Path) -> None:
    name = f"{inbox}/2025-Q1/d.csv"
    fetched = files.fetch(_spec(name), name, Terms(file_bytes=16))
    assert isinstance(fetched, RawFile)
    assert str(inbox).encode() not in fetched.content
    assert is_unfetched(fetched.content) == Reject(TOO_LARGE_RULE, "", "0.0 MB > 0.0 MB")
    assert is_unfetched(b"isi 2025-Q1/d.csv") is None


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


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({"storage": {"password": "x"}}, id="password"),
        pytest.param({"storage": {"key": "x"}}, id="key"),
        pytest.param({"storage": {"client_kwargs.aws_secret_access_key": "x"}}, id="inside-another"),
        pytest.param({"storage": {"headers.X-Api-Key": "x"}}, id="header"),
        pytest.param({"storage": {"endpoint_url": "https://ani:rahasia@s3.daerah.id"}}, id="in-an-endpoint"),
        pytest.param({"path": "sftp://ani:rahasia@daerah.id/*.csv"}, id="in-the-address"),
        pytest.param({"path": "https://daerah.id/a.csv?token=x"}, id="in-the-query"),
    ],
)
def test_a_secret_written_in_the_file_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="no secret"):
        FileSource(**{"name": "daerah", "kind": "csv", "path": "s3://daerah/*.csv", **entry})


def test_options_come_nested_typed_and_with_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUNCI", "0101\n")
    storage = {
        "anon": "false",
        "secret_env": "KUNCI",
        "config_kwargs.read_timeout": "5",
        "headers.X-Api-Key_env": "KUNCI",
        "known_hosts": "kunci/known_hosts",
    }
    spec = FileSource(name="daerah", kind="csv", path="s3://daerah/*.csv", storage=storage)
    spec._folder = Path("/daerah")
    assert storage_options(spec) == {
        "anon": False,
        "secret": "0101",
        "config_kwargs": {"read_timeout": 5.0},
        "headers": {"X-Api-Key": "0101"},
        "known_hosts": "/daerah/kunci/known_hosts",
    }


def test_a_secret_that_is_not_set_is_named() -> None:
    spec = FileSource(name="daerah", kind="csv", path="s3://d/*.csv", storage={"key_env": "SPM_TIDAK_ADA"})
    with pytest.raises(SourceUnavailable, match=r"storage.key_env: .*SPM_TIDAK_ADA"):
        files.list_files(spec, Q4)


def test_the_examples_of_the_runbook_are_read(tmp_path: Path) -> None:
    text = (PROJECT_DIR / "docs/runbooks/file-sources.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    (tmp_path / "sources.yaml").write_text(example[1], encoding="utf-8")
    names = [spec.name for spec in load_sources(tmp_path / "sources.yaml")]
    assert names == ["meja", "portal", "gudang", "provinsi"]
