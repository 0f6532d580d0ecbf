"""Documents come from real S3, SFTP and web servers: all of them, hardly a byte twice, from nobody unknown.

The servers run on loopback: moto's S3, an SSH server of paramiko, and a web server that can cut its answers.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import paramiko
import pytest
from moto.server import ThreadedMotoServer

from pipelines.landing.raw_store import RawStore
from pipelines.registry.periods import Period
from pipelines.sources.extracting import extract
from pipelines.sources.files import downloads
from pipelines.sources.files import fetching as files
from pipelines.sources.files.fetching import fetch, list_files
from pipelines.sources.files.spec import FileSource
from pipelines.sources.source import Known, SourceUnavailable, Terms
from pipelines.submissions.rows import RawFile
from pipelines.submissions.unfetched import is_unfetched
from tests.integration.sftp_server import PASSWORD, USER, SshServer

Q4 = Period(2024, 4)
RANGE = 64 * 1024
LARGE = bytes(range(256)) * 4096
"""A document of 1 MiB: sixteen ranges."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FIRST_PAUSE_SECONDS", 0)
    monkeypatch.setattr(downloads, "RANGE_BYTES", RANGE)


def _spec(path: str, **storage: str) -> FileSource:
    return FileSource(name="daerah", kind="csv", path=path, storage=storage)


def _content(fetched: RawFile | Known) -> bytes:
    assert isinstance(fetched, RawFile)
    return fetched.content


# --- S3


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="uji",
        aws_secret_access_key="uji",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="spm")
    for key in ("2024-Q4/", "2024-Q4/a.csv", "2024-Q4/b.csv", "2024-Q4/x/c.csv", "2024-Q4/~$a.csv"):
        client.put_object(Bucket="spm", Key=key, Body=b"" if key.endswith("/") else f"isi {key}".encode())
    yield client
    server.stop()


@pytest.fixture
def on_s3(s3: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("UJI_KEY", "uji")
    monkeypatch.setenv("UJI_SECRET", "uji")

    def spec(path: str) -> FileSource:
        return _spec(path, endpoint_url=s3.meta.endpoint_url, key_env="UJI_KEY", secret_env="UJI_SECRET")

    return spec


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("{period}/*.csv", ["2024-Q4/a.csv", "2024-Q4/b.csv"], id="one-period"),
        pytest.param(
            "{period}/**/*.csv", ["2024-Q4/a.csv", "2024-Q4/b.csv", "2024-Q4/x/c.csv"], id="any-depth"
        ),
        pytest.param("{period}/", ["2024-Q4/a.csv", "2024-Q4/b.csv"], id="a-folder-with-its-placeholder-key"),
        pytest.param("2024-Q4/b.csv", ["2024-Q4/b.csv"], id="a-fixed-name"),
    ],
)
def test_a_bucket_is_listed(on_s3: Any, path: str, expected: list[str]) -> None:
    assert list_files(on_s3(f"s3://spm/{path}"), Q4) == [f"s3://spm/{name}" for name in expected]


def test_a_bucket_is_listed_beyond_its_first_page(s3: Any, on_s3: Any) -> None:
    for number in range(1001):
        s3.put_object(Bucket="spm", Key=f"banyak/{number:04}.csv", Body=b"x")
    assert len(list_files(on_s3("s3://spm/banyak/*.csv"), None)) == 1001


def test_a_listing_sees_what_came_since_the_last_one(s3: Any, on_s3: Any) -> None:
    s3.put_object(Bucket="spm", Key="susulan/a.csv", Body=b"a")
    assert len(list_files(on_s3("s3://spm/susulan/*.csv"), None)) == 1
    s3.put_object(Bucket="spm", Key="susulan/b.csv", Body=b"b")
    assert len(list_files(on_s3("s3://spm/susulan/*.csv"), None)) == 2


def test_a_document_of_s3_comes_with_its_time_and_etag(s3: Any, on_s3: Any) -> None:
    told = s3.head_object(Bucket="spm", Key="2024-Q4/a.csv")
    fetched = fetch(on_s3("s3://spm/{period}/*.csv"), "s3://spm/2024-Q4/a.csv")
    assert fetched == RawFile(
        "s3://spm/2024-Q4/a.csv",
        b"isi 2024-Q4/a.csv",
        told["LastModified"],
        "s3://spm/2024-Q4/a.csv",
        told["ETag"],
    )


def test_a_large_document_of_s3_is_whole(s3: Any, on_s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="spm", Key="besar.csv", Body=LARGE)
    fetched = fetch(on_s3("s3://spm/besar.csv"), "s3://spm/besar.csv", Terms(partial=tmp_path))
    assert _content(fetched) == LARGE
    assert list(tmp_path.iterdir()) == []


def test_a_period_without_keys_is_empty(on_s3: Any) -> None:
    assert list_files(on_s3("s3://spm/{period}/*.csv"), Period(2031, 1)) == []


@pytest.mark.parametrize(
    "path", ["s3://tidak-ada/{period}/*.csv", "s3://tidak-ada/*.csv", "s3://spm/x/*.csv"]
)
def test_a_missing_bucket_or_folder_is_unavailable_not_empty(on_s3: Any, path: str) -> None:
    with pytest.raises(SourceUnavailable, match="daerah: s3://"):
        list_files(on_s3(path), Q4)


def test_wrong_credentials_are_unavailable_not_empty(
    s3: Any, on_s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = on_s3("s3://spm/{period}/*.csv")
    # a key of its own: moto judges credentials only once it is told to, and fsspec keeps what it has listed
    monkeypatch.setenv("UJI_KEY", "salah")
    reset = f"{s3.meta.endpoint_url}/moto-api/reset-auth"
    _post(reset, "0")
    try:
        with pytest.raises(SourceUnavailable, match="daerah: s3://spm"):
            list_files(spec, Q4)
    finally:
        _post(reset, "inf")


def test_what_was_received_is_not_fetched_again(s3: Any, on_s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="spm", Key="lagi/a.csv", Body=b"a")
    s3.put_object(Bucket="spm", Key="lagi/b.csv", Body=b"b")
    spec, store = on_s3("s3://spm/lagi/*.csv"), RawStore(tmp_path)
    reading = spec.canonical_json()
    store.receive(spec.name, reading, _received(spec, Terms()), datetime.now(UTC))
    s3.put_object(Bucket="spm", Key="lagi/b.csv", Body=b"b, diperbaiki")
    again = [*extract(spec, [Q4], Terms(known=store.known_versions(spec.name, reading)))]
    assert [type(found) for found in again] == [Known, RawFile]
    assert _content(again[1]) == b"b, diperbaiki"


def _received(spec: FileSource, terms: Terms) -> Iterator[RawFile]:
    for found in extract(spec, [Q4], terms):
        assert isinstance(found, RawFile)
        yield found


def _post(address: str, text: str) -> None:
    import httpx

    httpx.post(address, content=text).raise_for_status()


# --- SFTP


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[SshServer]:
    inbox = tmp_path / "kotak"
    (inbox / "2024-Q4").mkdir(parents=True)
    (inbox / "2024-Q4" / "a b.csv").write_bytes(b"isi")
    (inbox / "2024-Q4" / "besar.csv").write_bytes(LARGE)
    with SshServer(inbox) as server:
        (tmp_path / "known_hosts").write_text(server.known_hosts_line)
        yield server


@pytest.fixture
def on_ssh(ssh: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("UJI_PASSWORD", PASSWORD)

    def spec(path: str = "{period}/*.csv") -> FileSource:
        return _spec(
            f"sftp://{USER}@127.0.0.1:{ssh.port}/{path}",
            password_env="UJI_PASSWORD",
            known_hosts=str(tmp_path / "known_hosts"),
        )

    return spec


def test_sftp_is_listed_and_fetched_with_one_log_in(ssh: SshServer, on_ssh: Any) -> None:
    names = list_files(on_ssh(), Q4)
    place = f"sftp://127.0.0.1:{ssh.port}/2024-Q4"
    assert names == [f"{place}/a b.csv", f"{place}/besar.csv"]
    told = (ssh.folder / "2024-Q4" / "a b.csv").stat()
    arrived = datetime.fromtimestamp(int(told.st_mtime), tz=UTC)
    version = f"3@{arrived.isoformat()}"
    assert fetch(on_ssh(), names[0]) == RawFile(names[0], b"isi", arrived, names[0], version)
    assert _content(fetch(on_ssh(), names[1])) == LARGE
    assert ssh.log_ins == 1


def test_a_link_on_sftp_is_what_it_leads_to(ssh: SshServer, on_ssh: Any) -> None:
    (ssh.folder / "2025-Q1").symlink_to("2024-Q4")
    assert len(list_files(on_ssh("*/a b.csv"), None)) == 2


def test_a_period_without_a_folder_on_sftp_is_empty(on_ssh: Any) -> None:
    assert list_files(on_ssh(), Period(2031, 1)) == []


def test_a_cut_sftp_session_is_opened_again_and_goes_on(ssh: SshServer, on_ssh: Any, tmp_path: Path) -> None:
    _, name = list_files(on_ssh(), Q4)
    ssh.cut_after = len(LARGE) * 6 // 10
    assert _content(fetch(on_ssh(), name, Terms(partial=tmp_path / "sebagian"))) == LARGE
    assert ssh.log_ins == 2
    assert ssh.bytes_sent < 1.5 * len(LARGE)


@pytest.mark.attack("sources")
def test_a_server_whose_key_is_not_known_is_refused_before_the_password(
    ssh: SshServer, on_ssh: Any, tmp_path: Path
) -> None:
    (tmp_path / "known_hosts").write_text("")
    with pytest.raises(SourceUnavailable, match=re.escape(ssh.key.fingerprint)):
        list_files(on_ssh(), Q4)
    assert ssh.log_ins == 0


@pytest.mark.attack("sources")
def test_a_server_with_another_key_is_refused_before_the_password(
    ssh: SshServer, on_ssh: Any, tmp_path: Path
) -> None:
    other = paramiko.ECDSAKey.generate().get_base64()
    line = ssh.known_hosts_line.replace(ssh.key.get_base64(), other)
    (tmp_path / "known_hosts").write_text(line)
    with pytest.raises(SourceUnavailable, match="not the one kept in"):
        list_files(on_ssh(), Q4)
    assert ssh.log_ins == 0


def test_without_a_known_hosts_file_sftp_is_unavailable_not_empty(on_ssh: Any, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").unlink()
    with pytest.raises(SourceUnavailable, match="known_hosts"):
        list_files(on_ssh(), Q4)


def test_a_wrong_password_is_tried_once(ssh: SshServer, on_ssh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UJI_PASSWORD", "salah")
    with pytest.raises(SourceUnavailable, match="credentials refused"):
        list_files(on_ssh(), Q4)
    assert ssh.log_ins == 1


# --- the web


class _Web(ThreadingHTTPServer):
    """One document at every address; ``cut_after`` cuts one answer, ``stall_after`` falls silent in one."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.body = LARGE
        self.etag = '"1"'
        self.ranges = True
        self.tells_size = True
        self.cut_after: int | None = None
        self.stall_after: int | None = None
        self.bytes_sent = 0
        self.gets = 0
        self.address = f"http://127.0.0.1:{self.server_port}/besar.csv"


class _Answer(BaseHTTPRequestHandler):
    server: _Web

    def do_HEAD(self) -> None:
        self._begin(0)

    def do_GET(self) -> None:
        web = self.server
        web.gets += 1
        asked = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked and web.ranges else 0
        self._begin(start)
        cut, web.cut_after = web.cut_after, None
        stall, web.stall_after = web.stall_after, None
        for at in range(start, len(web.body), 4096):
            if cut is not None and at >= cut:
                return
            if stall is not None and at >= stall:
                self.wfile.flush()
                time.sleep(20)
            part = web.body[at : at + 4096]
            try:
                self.wfile.write(part)
            except OSError:
                return
            web.bytes_sent += len(part)

    def _begin(self, start: int) -> None:
        web = self.server
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(web.body) - 1}/{len(web.body)}")
        if web.tells_size:
            self.send_header("Content-Length", str(len(web.body) - start))
        self.send_header("ETag", web.etag)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def web() -> Iterator[_Web]:
    server = _Web()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


SIXTY_PERCENT = len(LARGE) * 6 // 10


def test_a_document_of_the_web_is_one_request(web: _Web, tmp_path: Path) -> None:
    fetched = fetch(_spec(web.address), web.address, Terms(partial=tmp_path))
    assert fetched == RawFile(web.address, LARGE, None, web.address, '"1"')
    assert web.gets == 1


def test_a_cut_answer_goes_on_where_it_stopped(web: _Web, tmp_path: Path) -> None:
    web.cut_after = SIXTY_PERCENT
    assert _content(fetch(_spec(web.address), web.address, Terms(partial=tmp_path))) == LARGE
    assert web.gets == 2
    # what lay unread in the client's buffer when the line was cut comes again
    assert web.bytes_sent < 1.5 * len(LARGE)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_leaves_what_came_to_the_next(web: _Web, tmp_path: Path) -> None:
    web.stall_after = SIXTY_PERCENT
    script = (
        "import sys; from pathlib import Path; from pipelines.sources.files.fetching import *\n"
        "spec = FileSource(name='daerah', kind='csv', path=sys.argv[1])\n"
        "fetch(spec, sys.argv[1], Terms(partial=Path(sys.argv[2])))"
    )
    process = subprocess.Popen([sys.executable, "-c", script, web.address, str(tmp_path)])
    _until(lambda: sum(path.stat().st_size for path in tmp_path.iterdir()) >= SIXTY_PERCENT)
    process.kill()
    process.wait()
    assert _content(fetch(_spec(web.address), web.address, Terms(partial=tmp_path))) == LARGE
    assert web.bytes_sent < 1.5 * len(LARGE)


def test_a_document_that_changed_in_between_starts_anew(
    web: _Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ATTEMPTS", 1)
    web.cut_after = SIXTY_PERCENT
    with pytest.raises(SourceUnavailable):
        fetch(_spec(web.address), web.address, Terms(partial=tmp_path))
    web.body, web.etag = LARGE[::-1], '"2"'
    assert _content(fetch(_spec(web.address), web.address, Terms(partial=tmp_path))) == LARGE[::-1]
    assert list(tmp_path.iterdir()) == []


def test_parts_of_two_versions_are_never_one_document(web: _Web, tmp_path: Path) -> None:
    web.cut_after = SIXTY_PERCENT
    head = _Answer.do_HEAD

    def changing(answer: _Answer) -> None:
        head(answer)
        if web.bytes_sent:
            web.body, web.etag = LARGE[::-1], '"2"'

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Answer, "do_HEAD", changing)
        fetched = fetch(_spec(web.address), web.address, Terms(partial=tmp_path))
    assert _content(fetched) == LARGE[::-1]


def test_a_server_without_ranges_sends_all_of_it_again_and_once_only(web: _Web, tmp_path: Path) -> None:
    web.ranges, web.cut_after = False, SIXTY_PERCENT
    assert _content(fetch(_spec(web.address), web.address, Terms(partial=tmp_path))) == LARGE
    assert web.gets == 2


def test_a_weak_etag_makes_nothing_known(web: _Web) -> None:
    web.etag = 'W/"1"'
    fetched = fetch(_spec(web.address), web.address)
    assert isinstance(fetched, RawFile)
    assert fetched.version == ""


def test_a_document_said_to_be_too_large_is_not_asked_for(web: _Web) -> None:
    content = _content(fetch(_spec(web.address), web.address, Terms(file_bytes=len(LARGE) - 1)))
    assert is_unfetched(content)
    assert web.gets == 0


@pytest.mark.attack("sources")
def test_a_document_that_turns_out_too_large_is_left_at_the_limit(web: _Web, tmp_path: Path) -> None:
    web.tells_size, web.body = False, LARGE * 64
    content = _content(fetch(_spec(web.address), web.address, Terms(file_bytes=RANGE, partial=tmp_path)))
    assert is_unfetched(content)
    # asked for twice, for its details too, and each time some MiB lie in the buffers of the line
    assert web.bytes_sent < len(web.body) // 2


def test_one_that_was_too_large_is_fetched_under_a_higher_limit(web: _Web, tmp_path: Path) -> None:
    spec, store = _spec(web.address), RawStore(tmp_path)
    reading = spec.canonical_json()
    store.receive(spec.name, reading, _received(spec, Terms(file_bytes=RANGE)), datetime.now(UTC))
    (found,) = extract(spec, [Q4], Terms(known=store.known_versions(spec.name, reading)))
    assert isinstance(found, RawFile)
    assert found.content == LARGE


def _until(true: Any) -> None:
    end = time.monotonic() + 15
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
