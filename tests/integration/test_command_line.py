"""How ``spm`` behaves as a command among others: its version, its help, pipes, years, homes."""

from __future__ import annotations

import json
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.provenance.code import package_version

SPM = [sys.executable, "-c", "from pipelines.cli.app import main; main()"]


def test_the_version_and_the_help_are_asked_for_as_everywhere() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.stdout) == (0, f"spm {package_version()}\n")
    for command in ([], ["run"], ["rules", "list"], ["release", "unpin"]):
        said = CliRunner().invoke(app, [*command, "-h"])
        assert said.exit_code == 0
        assert " ".join(["Usage:", "root", *command]) in " ".join(said.stdout.split())


def test_into_a_pipe_goes_a_line_a_row_without_frames() -> None:
    listed = subprocess.run([*SPM, "rules", "list"], capture_output=True, text=True, check=True).stdout
    names = json.loads(
        subprocess.run([*SPM, "rules", "list", "--json"], capture_output=True, check=True).stdout
    )
    header, *rows = listed.splitlines()
    assert [row.split()[0] for row in rows] == [rule["rule_id"] for rule in names]
    assert all(rule["name_en"] in row for row, rule in zip(rows, names, strict=True))
    assert not {"│", "┃", "━"} & set(listed)
    assert header.startswith("aturan ")


def test_a_terminal_gets_a_table_in_a_frame() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen([*SPM, "rules", "list"], stdout=theirs, close_fds=True) as process:
        with open(ours, "rb", buffering=0) as terminal:
            assert "━" in terminal.read(4096).decode(errors="ignore")
        process.kill()


def test_a_reader_that_leaves_ends_the_command_without_a_word() -> None:
    with subprocess.Popen(
        [*SPM, "rules", "list", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


@pytest.mark.parametrize("arguments", [["releases"], ["run", "2024"], ["report"], ["release", "unpin"]])
def test_a_command_that_needs_a_home_takes_none_by_itself(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SPM_HOME", raising=False)
    said = CliRunner().invoke(app, arguments)
    assert said.exit_code == 2
    assert "--home" in said.stderr
    assert "SPM_HOME" in said.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["s3://bucket/spm", "https://spm.example/home", "file:///srv/spm"])
def test_an_address_is_no_home(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(app, ["releases", "--home", address])
    assert said.exit_code == 2
    assert "folder" in said.stderr
    assert CliRunner().invoke(app, ["releases"], env={"SPM_HOME": address}).exit_code == 2
