"""Code that takes over a parser comes no further than its document, and the others are read."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pipelines import confinement, sandbox
from pipelines.confinement import Layers, Policy
from pipelines.messages import say
from pipelines.readers import child
from pipelines.readers.reading import Budget, read_documents
from pipelines.registry.seed_files import SEEDS
from pipelines.sandbox import Child
from pipelines.settings import PROJECT_DIR
from pipelines.sources.sql import sqlite_file
from pipelines.sources.sql.failures import Interrupted, PermanentFailure
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject
from tests.hostile.planted.answers import ANSWERS
from tests.hostile.planted.attacks import ATTACKS
from tests.integration.home import document

CSV = ReadingSpec(name="dinas", kind="csv")
HONEST = {"record": "achievement", "region": "64.71", "period": "2024-Q4", "service": "K-PEND-01"}
HONEST |= {"component": "recipients", "target": "100", "realised": "90"}
NEEDS_FILES = {
    "read_the_home",
    "list_the_home",
    "read_the_project",
    "read_accounts",
    "read_a_key",
    "list_processes",
    "read_command_line_of_parent",
    "reach_files_of_parent",
}
"""What only Landlock refuses: reading by a path."""
pytestmark = pytest.mark.attack("reading process")

REFUSED_BY_KERNEL = """
import runpy, sys
module = runpy.run_path(sys.argv[1])
# rights that no version of Landlock knows
module["main"].__globals__["_ALL_OF_FILES"] = {1: 1 << 60}
sys.argv = ["x", sys.argv[2], "-c", "print('ran')"]
module["main"]()
"""


@dataclass
class Target:
    """A home with something in it, and a server that counts who comes."""

    facts: dict[str, Any]
    kept: Path
    came: list[str] = field(default_factory=list)


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    home = tmp_path / "home"
    home.mkdir()
    kept = home / "rilis.txt"
    kept.write_text("rahasia")
    tcp = socket.create_server(("127.0.0.1", 0))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(tmp_path / "u"))
    unix.listen()
    facts = {"port": tcp.getsockname()[1], "unix": str(tmp_path / "u"), "home": str(home), "kept": str(kept)}
    facts |= {
        "code": str(PROJECT_DIR / "pipelines"),
        "name": f"spm-{os.getpid()}",
        "person": str(Path.home()),
    }
    found = Target(facts, kept)
    for server in (tcp, unix):
        threading.Thread(target=_count, args=(server, found.came), daemon=True).start()
    yield found
    # to close a socket does not wake who waits on it
    tcp.shutdown(socket.SHUT_RDWR)
    unix.shutdown(socket.SHUT_RDWR)
    for place in ("/tmp", "/dev/shm"):
        Path(place, found.facts["name"]).unlink(missing_ok=True)


def _count(server: socket.socket, came: list[str]) -> None:
    with server:
        try:
            while True:
                server.accept()[0].close()
                came.append(server.family.name)
        except OSError:
            return


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Readers whose parser of CSV was taken over."""
    child.end_children()
    monkeypatch.setattr(child, "_PROGRAM", "tests.hostile.planted.main")
    monkeypatch.setattr(child, "_READS", (SEEDS, PROJECT_DIR / "tests"))
    yield
    child.end_children()


def _outcomes(target: Target, names: list[str]) -> dict[str, str]:
    """What each attack said, by its name; between them an honest document is read."""
    files = [RawFile("baik.csv", document([HONEST]))]
    for name in names:
        files += [RawFile(name, f"serang:{name}:{json.dumps(target.facts)}".encode()), files[0]]
    said: dict[str, str] = {}
    honest = 0
    for file, reading in read_documents(files, CSV, 1):
        if isinstance(reading, Reject):
            assert reading.rule_id == "DOC-016"
            said[file.name] = reading.value
        else:
            assert (file.name, len(reading)) == ("baik.csv", 1)
            honest += 1
    assert honest == len(names) + 1
    return said


def _came_through(said: dict[str, str]) -> set[str]:
    return {name for name, text in said.items() if f"{name} refused" not in text}


@pytest.mark.usefixtures("planted")
def test_code_in_the_place_of_a_parser_is_refused_whatever_it_tries(target: Target) -> None:
    if confinement.layers().missing():
        pytest.skip("this kernel has not all layers: the tests of each layer say what holds")
    before = sorted(path.name for path in target.kept.parent.iterdir())
    said = _outcomes(target, [*ATTACKS])
    assert {name: said[name] for name in _came_through(said)} == {}
    assert target.came == []
    assert sorted(path.name for path in target.kept.parent.iterdir()) == before
    assert (target.kept.read_text(), target.kept.stat().st_mode & 0o777) == ("rahasia", 0o644)


@pytest.mark.usefixtures("planted")
def test_without_landlock_only_reading_by_a_path_comes_through(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not confinement.layers().seccomp:
        pytest.skip("this kernel has no seccomp")
    monkeypatch.setattr(confinement, "layers", lambda: Layers(0, True))
    monkeypatch.setattr(confinement, "hide_memory", lambda: None)  # of the tests' own process: for good
    assert _came_through(_outcomes(target, [*ATTACKS])) <= NEEDS_FILES


@pytest.mark.usefixtures("planted")
def test_without_any_layer_the_attacks_work(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "layers", lambda: Layers(0, False))
    monkeypatch.setattr(confinement, "hide_memory", lambda: None)
    harmless = ["connect_tcp", "connect_unix", "read_the_home", "make_memory_file", "listen"]
    harmless += ["signal_parent", "rename", "read_command_line_of_parent", "open_parent", "lock"]
    assert _came_through(_outcomes(target, harmless)) == {*harmless}
    assert sorted(target.came) == ["AF_INET", "AF_UNIX"]


@pytest.mark.usefixtures("planted")
def test_an_answer_that_is_none_is_the_refusal_of_its_document(capfd: pytest.CaptureFixture[str]) -> None:
    honest = RawFile("baik.csv", document([HONEST]))
    harmful = [RawFile(name, f"jawab:{name}:".encode()) for name in ANSWERS]
    files = [file for one in harmful for file in (honest, one)]
    before = _peak_mib()
    for file, reading in read_documents([*files, honest], CSV, 1, budget=Budget(0)):
        if file is honest:
            assert len(reading) == 1
        else:
            assert isinstance(reading, Reject), file.name
            assert reading.rule_id == "DOC-016"
    # what the longest one could be, twice: the bytes that came, and as one piece
    assert _peak_mib() - before < 2 * 65 + 20
    said = capfd.readouterr()
    assert len(said.err) < 200_000
    assert "\x1b" not in said.out + said.err


def _peak_mib() -> int:
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index("VmHWM:") + 1]) // 1024


def _asked(path: Path, query: str = "select a from t") -> list[str]:
    batches = list(sqlite_file.read(path, text(query), {}, 10))
    return [value["text"] for batch in batches for value in batch.column(0).to_pylist()]


def _with_a_log(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table t (a)")
    connection.execute("insert into t values (1)")
    return connection


def test_a_database_with_a_log_is_read_while_others_write_it_and_when_nobody_does(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(_with_a_log(path)) as writer:
        assert _asked(path) == ["1"]
        writer.execute("insert into t values (2)")
        assert _asked(path) == ["1", "2"]
    for left in tmp_path.glob("a.db-*"):
        left.unlink()
    assert _asked(path) == ["1", "2"]


def test_the_index_of_a_log_that_is_a_link_is_not_written(tmp_path: Path) -> None:
    path, ours = tmp_path / "a.db", tmp_path / "rilis.txt"
    _with_a_log(path).close()
    for make in (os.symlink, os.link):
        ours.write_bytes(bytes(65536))
        (tmp_path / "a.db-shm").unlink(missing_ok=True)
        make(ours, tmp_path / "a.db-shm")
        with suppress(PermanentFailure, Interrupted):
            _asked(path)
        assert ours.read_bytes() == bytes(65536)


def test_what_a_program_keeps_is_what_it_was_given(tmp_path: Path) -> None:
    given, other = tmp_path / "given", tmp_path / "other"
    for path in (given, other):
        path.write_text("isi")
    code = f"""
import os, sys
from multiprocessing.connection import Connection
said = []
for path in ({str(given)!r}, {str(other)!r}):
    try:
        said.append(open(path).read())
    except PermissionError:
        said.append("refused")
Connection(int(sys.argv[1])).send_bytes(repr(said).encode())
"""
    reader = Child(["-I", "-S", "-c", code], {}, reads=[given])
    with reader.within(20):
        said = reader.pipe.recv_bytes()
    status = Path(f"/proc/{reader._process.pid}/status").read_text().split()
    reader.end()
    wanted = "refused" if confinement.layers().landlock else "isi"
    assert said.decode() == repr(["isi", wanted])
    assert status[status.index("NoNewPrivs:") + 1] == "1"
    assert int(status[status.index("CapEff:") + 1], 16) & ~0b100 == 0
    assert status[status.index("Seccomp:") + 1] == ("2" if confinement.layers().seccomp else "0")


def test_a_layer_that_the_kernel_has_and_that_cannot_be_set_ends_the_program() -> None:
    policy = Policy(Layers(1, True))
    done = subprocess.run(
        [sys.executable, "-I", "-c", REFUSED_BY_KERNEL, confinement.__file__, policy.to_json()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (confinement.NOT_CONFINED, "")
    assert "landlock" in done.stderr


@pytest.mark.parametrize(
    ("found", "said", "named"),
    [
        (Layers(7, True), "", "Landlock 7, seccomp"),
        (Layers(0, True), "Landlock", "seccomp"),
        (Layers(3, False), "seccomp", "Landlock 3"),
        (Layers(0, False), "Landlock, seccomp", "-"),
    ],
)
def test_what_is_missing_is_said_in_a_line(
    monkeypatch: pytest.MonkeyPatch, found: Layers, said: str, named: str
) -> None:
    monkeypatch.setattr(confinement, "layers", lambda: found)
    assert sandbox.weakness() == (say("sandbox.weak", missing=said) if said else "")
    assert sandbox.confined_by() == named


def test_the_filter_has_a_number_for_each_call_on_both_machines() -> None:
    for column, machine in confinement._MACHINES.values():
        for may_write in (False, True):
            code = confinement._program(column, machine, may_write=may_write)
            assert len(code) % 8 == 0
            assert len(code) // 8 < 4096
            # what returns last refuses
            assert code[-8:] == confinement._step(confinement._RETURN, confinement._ERRNO | 1)
