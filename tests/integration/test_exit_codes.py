"""What `spm` ends with, seen from outside: the exit code, and the last line that says why.

4 and 5 need a whole run: `test_dagster_run` and `test_approval` see them.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipelines.errors import expected
from pipelines.settings import PROJECT_DIR
from pipelines.storage.lock import one_writer

SPM = [sys.executable, "-c", "from pipelines.cli.app import main; main()"]
# a shell in the background, as some runners of tests are, hands down that SIGINT is ignored
INTERRUPTIBLE = [
    *SPM[:-1],
    f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {SPM[-1]}",
]
A_FAULT = """
from pipelines.cli.app import main
from pipelines.publish.releases import Releases
Releases.ids = lambda self: {}["a key that is not there"]
main()
"""


def spm(*arguments: object, command: Sequence[str] = SPM) -> subprocess.CompletedProcess[str]:
    """The command, ended; of its environment only the path is kept."""
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=PROJECT_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_0_is_done(tmp_path: Path) -> None:
    assert spm("releases", "--home", tmp_path).returncode == 0


def test_1_is_what_the_data_or_a_person_refuse(tmp_path: Path) -> None:
    said = spm("approve", "abcdef01", "--name", "Siti", "--reason", "benar", "--home", tmp_path)
    assert said.returncode == 1
    assert said.stderr.startswith("spm: 'abcdef01': tidak ada yang menunggu di ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run"], "PERIOD"),
        (["run", "2024-Q9"], "2024-Q9"),
        (["verify"], "nothing is published"),
        (["rules", "show", "NUM-999"], "NUM-999"),
    ],
)
def test_2_is_bad_usage_or_configuration(arguments: list[str], says: str, tmp_path: Path) -> None:
    options = ["--home", tmp_path] if arguments[0] != "rules" else []
    said = spm(*arguments, *options)
    assert said.returncode == 2
    (line,) = said.stderr.splitlines()
    assert line.startswith("spm: ")
    assert says in line


def test_3_is_a_store_that_does_not_serve(tmp_path: Path) -> None:
    with one_writer(tmp_path, "spm run 2024-Q4"):
        said = spm("approve", "abc", "--name", "Siti", "--reason", "benar", "--home", tmp_path)
    assert said.returncode == 3
    assert "is being written by spm run 2024-Q4" in said.stderr


def test_70_is_a_fault_of_ours_with_its_traceback_above_the_line(tmp_path: Path) -> None:
    said = spm("releases", "--home", tmp_path, command=[sys.executable, "-c", A_FAULT])
    assert said.returncode == 70
    *traceback, line = said.stderr.splitlines()
    assert traceback[0] == "Traceback (most recent call last):"
    assert line.startswith("spm: KeyError: 'a key that is not there': kesalahan program")


@pytest.mark.parametrize(
    ("stop", "options", "code"), [(signal.SIGINT, ["--plan"], 130), (signal.SIGTERM, [], 143)]
)
def test_a_signal_ends_a_command_with_its_number(
    stop: signal.Signals, options: list[str], code: int, tmp_path: Path
) -> None:
    """In Dagster too (without ``--plan``): each waits for a web server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/rows.csv"
        sources = tmp_path / "sources.yaml"
        sources.write_text(f"sources:\n- {{name: far, kind: csv, path: '{address}'}}\n")
        arguments = ["run", "2024-Q4", *options, "--sources", sources, "--home", tmp_path / "home"]
        command = subprocess.Popen(
            [*INTERRUPTIBLE, *map(str, arguments)], cwd=PROJECT_DIR, stderr=subprocess.PIPE, text=True
        )
        server.settimeout(300)
        called, _ = server.accept()
        with called:
            command.send_signal(stop)
            _, said = command.communicate(timeout=120)
    assert command.returncode == code
    assert said.splitlines()[-1].startswith(f"spm: dihentikan oleh {stop.name}; ")
    assert "Traceback" not in said
    assert list((tmp_path / "home").glob("work/*")) == []


@pytest.mark.parametrize(
    "said", ["disk I/O error", "database or disk is full", "attempt to write a readonly database"]
)
def test_what_the_history_of_runs_says_of_the_disk_is_of_the_store(said: str) -> None:
    found = expected(sqlite3.OperationalError(said))
    assert found is not None
    assert found.exit_code == 3
    assert said in str(found)
