"""Places of files are attacked by who may write there, or runs them: nothing leaves its folder, nor hangs."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pipelines.registry.periods import Period
from pipelines.sources.extracting import extract
from pipelines.sources.files import fetching, local, web
from pipelines.sources.files.fetching import list_files
from pipelines.sources.files.local import local_file
from pipelines.sources.files.spec import FileSource
from pipelines.sources.files.web import folder_of, is_inside
from pipelines.sources.source import Failure, SourceUnavailable, Terms
from pipelines.submissions.rows import RawFile
from pipelines.submissions.unfetched import is_unfetched
from tests.integration.sftp_server import PASSWORD, USER, SshServer

pytestmark = pytest.mark.attack("sources")

Q4 = Period(2024, 4)
SECRET = "Bearer r4h4s1a"
QUICK_SECONDS = 5


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "FIRST_PAUSE_SECONDS", 0)
    monkeypatch.setenv("UJI_AUTHORIZATION", SECRET)
    monkeypatch.setenv("UJI_PASSWORD", PASSWORD)


def _spec(path: str, **storage: str) -> FileSource:
    return FileSource(name="daerah", kind="csv", path=path, storage=storage)


def _got(spec: FileSource, terms: Terms | None = None) -> tuple[dict[str, bytes], list[str]]:
    """What a source gives: documents by the end of their names, and what is said of the others."""
    begun = time.monotonic()
    found = list(extract(spec, [Q4], terms or Terms()))
    assert time.monotonic() - begun < QUICK_SECONDS
    documents = {one.name.rsplit("/", 1)[-1]: one.content for one in found if isinstance(one, RawFile)}
    return documents, [one.message for one in found if isinstance(one, Failure)]


# --- folders of this machine


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "rahasia.csv").write_text("kunci")
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "baik.csv").write_text("baik")
    return folder


def _pipe(inbox: Path) -> None:
    os.mkfifo(inbox / "x.csv")


def _endless_device(inbox: Path) -> None:
    (inbox / "x.csv").symlink_to("/dev/zero")


def _link_to_a_secret(inbox: Path) -> None:
    (inbox / "x.csv").symlink_to("../rahasia.csv")


def _link_to_a_link(inbox: Path) -> None:
    (inbox / "y.txt").symlink_to(inbox.parent / "rahasia.csv")
    (inbox / "x.csv").symlink_to("y.txt")


def _link_to_itself(inbox: Path) -> None:
    (inbox / "x.csv").symlink_to("x.csv")


def _folder_in_a_circle(inbox: Path) -> None:
    (inbox / "x.csv").symlink_to(".")


def _folder_outside(inbox: Path) -> None:
    (inbox / "x.csv").symlink_to("..")


def _socket(inbox: Path) -> None:
    # the path of a socket may be 100 letters long, the folder of a test longer
    here = Path.cwd()
    try:
        os.chdir(inbox)
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("x.csv")
    finally:
        os.chdir(here)


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        pytest.param(_pipe, "pipe", id="a-pipe-that-nobody-writes"),
        pytest.param(_endless_device, "device", id="a-device-without-an-end"),
        pytest.param(_link_to_a_secret, "outside", id="a-link-to-a-secret"),
        pytest.param(_link_to_a_link, "outside", id="a-link-to-a-link"),
        pytest.param(_link_to_itself, "x.csv", id="a-link-to-itself"),
        pytest.param(_folder_in_a_circle, "folder", id="a-folder-in-a-circle"),
        pytest.param(_folder_outside, "folder", id="a-link-to-a-folder-outside"),
        pytest.param(_socket, "socket", id="a-socket"),
    ],
)
@pytest.mark.parametrize("pattern", ["*.csv", "**/*.csv"])
def test_what_is_no_document_is_refused_by_name_and_the_others_go_on(
    inbox: Path, plant: Any, said: str, pattern: str
) -> None:
    plant(inbox)
    documents, failed = _got(_spec(f"{inbox}/{pattern}"))
    assert documents == {"baik.csv": b"baik"}
    (line,) = failed
    assert "x.csv" in line
    assert said in line
    assert "\n" not in line


def test_a_link_within_the_folder_is_what_it_leads_to(inbox: Path) -> None:
    (inbox / "terbaru.csv").symlink_to("baik.csv")
    assert _got(_spec(f"{inbox}/*.csv")) == ({"baik.csv": b"baik", "terbaru.csv": b"baik"}, [])


def test_a_period_whose_folder_is_a_link_outside_gives_nothing(inbox: Path) -> None:
    (inbox / "2024-Q4").symlink_to("..")
    documents, (line,) = _got(_spec(f"{inbox}/{{period}}/*.csv"))
    assert documents == {}
    assert "rahasia.csv" in line
    assert "outside" in line


def _swap_before_it_is_opened(
    monkeypatch: pytest.MonkeyPatch, inbox: Path, put: Callable[[Path], object]
) -> None:
    """Let something else stand in the place of a file between the look at it and its opening."""
    real = os.open

    def swapped(path: Any, *arguments: Any, **keys: Any) -> int:
        if str(path).endswith("baik.csv"):
            (inbox / "baik.csv").unlink()
            put(inbox / "baik.csv")
        return real(path, *arguments, **keys)

    monkeypatch.setattr(local.os, "open", swapped)


def test_a_link_put_in_the_place_of_a_file_that_was_looked_at_is_refused(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _swap_before_it_is_opened(monkeypatch, inbox, lambda path: path.symlink_to("../rahasia.csv"))
    with pytest.raises(PermissionError, match="outside"):
        local_file(inbox / "baik.csv", 1000, inbox)


def test_a_pipe_put_in_the_place_of_a_file_that_was_looked_at_is_not_waited_for(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _swap_before_it_is_opened(monkeypatch, inbox, os.mkfifo)
    with pytest.raises(PermissionError, match="pipe"):
        local_file(inbox / "baik.csv", 1000, inbox)


def test_a_file_that_grows_as_it_is_read_ends_at_the_limit(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.read

    def grown(descriptor: int, count: int) -> bytes:
        with (inbox / "baik.csv").open("ab") as file:
            file.write(b"lagi")
        return real(descriptor, count)

    monkeypatch.setattr(local.os, "read", grown)
    documents, failed = _got(_spec(f"{inbox}/*.csv"), Terms(file_bytes=1000))
    # it never ends by itself: the limit ends it, and stands for it
    assert is_unfetched(documents["baik.csv"])
    assert not failed


def test_a_file_that_is_still_being_written_is_named(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.read
    calls = count()

    def grown(descriptor: int, most: int) -> bytes:
        if next(calls) % 2 == 0:
            with (inbox / "baik.csv").open("ab") as file:
                file.write(b"lagi")
        return real(descriptor, most)

    monkeypatch.setattr(local.os, "read", grown)
    documents, (line,) = _got(_spec(f"{inbox}/*.csv"))
    assert not documents
    assert "baik.csv" in line
    assert "changes while it is read" in line


def test_a_file_that_changes_once_is_read_again(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.read
    written = iter([b" dan lagi"])

    def grown(descriptor: int, count: int) -> bytes:
        with (inbox / "baik.csv").open("ab") as file:
            file.write(next(written, b""))
        return real(descriptor, count)

    monkeypatch.setattr(local.os, "read", grown)
    assert _got(_spec(f"{inbox}/*.csv")) == ({"baik.csv": b"baik dan lagi"}, [])


def test_what_is_left_when_the_time_is_over_is_named(inbox: Path) -> None:
    from pipelines.settings import Limits

    documents, (line,) = _got(_spec(f"{inbox}/*.csv"), Terms(limits=Limits(source_seconds=-1)))
    assert documents == {}
    assert "1 documents are not fetched yet" in line


def test_folders_without_an_end_are_one_line(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "/".join("abcdefghijklmnopqrst")).mkdir(parents=True)
    with pytest.raises(SourceUnavailable, match="deeper than 16"):
        list_files(_spec(f"{inbox}/**/*.csv"), None)
    monkeypatch.setattr(fetching, "MOST_ENTRIES", 1)
    with pytest.raises(SourceUnavailable, match="more than 1 files"):
        list_files(_spec(f"{inbox}/*"), None)


# --- the web


class _Server(ThreadingHTTPServer):
    """Answers of a table by path: a body, or where to go; what was asked, with its secret."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, bytes | str] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.origin = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        found = self.server.pages.get(self.path)
        if found is None and "**" in self.server.pages:
            found = self.server.pages["**"]
        self.send_response(404 if found is None else 302 if isinstance(found, str) else 200)
        if isinstance(found, str):
            self.send_header("Location", found)
        body = found if isinstance(found, bytes) else b""
        self.send_header("Content-Type", "text/csv" if self.path.endswith(".csv") else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as made:
        made.pages = {"/spm/": b'<a href="baik.csv">baik</a>', "/spm/baik.csv": b"baik"}
        made.pages["/rahasia.csv"] = b"kunci"
        yield made
        made.shutdown()


@pytest.fixture
def thief() -> Iterator[_Server]:
    with _Server() as made:
        made.pages["**"] = b"milik orang"
        yield made
        made.shutdown()


def _of(server: _Server, pattern: str = "*.csv") -> FileSource:
    return _spec(f"{server.origin}/spm/{pattern}", **{"headers.Authorization_env": "UJI_AUTHORIZATION"})


def test_a_document_of_the_folder_comes_with_the_secret(server: _Server) -> None:
    assert _got(_of(server)) == ({"baik.csv": b"baik"}, [])
    assert {secret for _, secret in server.asked} == {SECRET}


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("{thief}/spm/x.csv", id="another-server"),
        pytest.param("//{thief_host}/spm/x.csv", id="another-server-same-scheme"),
        pytest.param("https://127.0.0.1/spm/x.csv", id="another-scheme"),
        pytest.param("/rahasia.csv", id="above-the-folder"),
        pytest.param("../rahasia.csv", id="up"),
        pytest.param("/spm/%2e%2e/rahasia.csv", id="up-escaped"),
        pytest.param("/spm/%252e%252e%252frahasia.csv", id="up-escaped-twice"),
        pytest.param("/spm/..\\rahasia.csv", id="up-by-backslash"),
        pytest.param("/spmx/rahasia.csv", id="a-folder-of-nearly-that-name"),
        pytest.param("http://orang@127.0.0.1:1/spm/x.csv", id="another-user"),
        pytest.param("file:///etc/passwd", id="this-machine"),
    ],
)
@pytest.mark.parametrize("way", ["link", "redirect", "listing"])
def test_no_link_and_no_redirect_leads_away_from_the_folder(
    server: _Server, thief: _Server, target: str, way: str
) -> None:
    address = target.format(thief=thief.origin, thief_host=thief.origin.partition("//")[2])
    server.pages["/spmx/rahasia.csv"] = b"kunci"
    if way == "link":
        server.pages["/spm/"] = f'<a href="baik.csv">a</a><a href="{address}">b</a> {address}'.encode()
    elif way == "redirect":
        server.pages["/spm/"] = b'<a href="baik.csv">a</a><a href="x.csv">b</a>'
        server.pages["/spm/x.csv"] = address
    else:
        server.pages["/spm/"] = address
    documents, failed = _got(_of(server))
    assert documents == ({} if way == "listing" else {"baik.csv": b"baik"})
    assert not thief.asked
    assert not [path for path, _ in server.asked if "rahasia" in path]
    assert len(failed) <= 1
    if way != "link":
        assert failed
        assert SECRET not in failed[0]


def test_a_redirect_within_the_folder_is_followed(server: _Server) -> None:
    server.pages["/spm/baik.csv"] = "/spm/isi/baik.csv"
    server.pages["/spm/isi/baik.csv"] = b"pindah"
    assert _got(_of(server)) == ({"baik.csv": b"pindah"}, [])


def test_a_listing_without_an_end_is_one_line(server: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.pages["/spm/"] = server.pages["**"] = b'<a href="lagi/">lagi</a>'
    _, (line,) = _got(_of(server, "**/*.csv"))
    assert "deeper than 16" in line
    del server.pages["**"]
    monkeypatch.setattr(web, "LISTING_BYTES", 1000)
    server.pages["/spm/"] = b"<p>" * 1000
    _, (line,) = _got(_of(server))
    assert "the listing of a folder" in line


@pytest.mark.parametrize("piece", ["<a ", "<a href=", '<a href="', "<a\n\n\n", "href"])
def test_a_listing_is_read_in_one_pass(server: _Server, piece: str) -> None:
    server.pages["/spm/"] = b'<a href="baik.csv">a</a>' + (piece * (2_000_000 // len(piece))).encode()
    documents, _ = _got(_of(server))
    assert documents == {"baik.csv": b"baik"}


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("https://a.example/spm/*/x.csv", "https://a.example/spm/"),
        ("https://a.example/spm/tw-*.csv", "https://a.example/spm/"),
        ("https://a.example/x.csv?tahun=2024", "https://a.example/"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example/spm/", "https://a.example/spm/"),
    ],
)
def test_the_folder_of_an_address_ends_before_its_patterns(address: str, folder: str) -> None:
    assert folder_of(address) == folder
    assert is_inside(folder, folder)


# --- SFTP


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[SshServer]:
    inbox = tmp_path / "kotak" / "masuk"
    inbox.mkdir(parents=True)
    (inbox / "baik.csv").write_bytes(b"baik")
    (tmp_path / "kotak" / "rahasia.csv").write_bytes(b"kunci")
    with SshServer(tmp_path / "kotak") as server:
        (tmp_path / "known_hosts").write_text(server.known_hosts_line)
        yield server


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        pytest.param(_pipe, "regular", id="a-pipe"),
        pytest.param(_link_to_a_secret, "outside", id="a-link-to-a-secret"),
        pytest.param(_folder_in_a_circle, "regular", id="a-folder-in-a-circle"),
    ],
)
def test_on_sftp_too(ssh: SshServer, tmp_path: Path, plant: Any, said: str) -> None:
    plant(ssh.folder / "masuk")
    spec = _spec(
        f"sftp://{USER}@127.0.0.1:{ssh.port}/masuk/**/*.csv",
        password_env="UJI_PASSWORD",
        known_hosts=str(tmp_path / "known_hosts"),
    )
    documents, (line,) = _got(spec)
    assert documents == {"baik.csv": b"baik"}
    assert "x.csv" in line
    assert said in line
