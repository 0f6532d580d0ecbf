"""How ``spm`` behaves as a command among others: its version, its help, pipes, years, homes."""

from __future__ import annotations

import json
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.options import UsageError
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


def test_what_is_shown_may_be_in_one_language_and_what_machines_read_is_not() -> None:
    """``--lang`` stands before the command or behind it, or in SPM_LANG."""
    both = CliRunner().invoke(app, ["rules", "show", "VAL-01"]).stderr
    indonesian, english = (
        CliRunner().invoke(app, [*before, "rules", "show", "VAL-01", *after]).stderr
        for before, after in ((["--lang=id"], []), ([], ["--lang", "EN"]))
    )
    assert both.rstrip() == f"{indonesian.rstrip()} / {english.rstrip().removeprefix('spm: VAL-01: ')}"
    assert "no such rule; like it: VAL-0" in english
    listed = CliRunner().invoke(app, ["rules", "list"], env={"SPM_LANG": "en"}).stdout.splitlines()
    assert listed[0].split() == ["rule", "severity", "scope", "valid", "name"]
    assert "Served above target" in "\n".join(listed)
    assert "Realisasi melebihi target" not in "\n".join(listed)
    shown = CliRunner().invoke(app, ["rules", "show", "VAL-001", "--json", "--lang", "en"]).stdout
    assert json.loads(shown)["name_id"] == "Realisasi melebihi target"
    wrong = CliRunner().invoke(app, ["rules", "list", "--lang", "fr"])
    assert (wrong.exit_code, wrong.stdout) == (2, "")


def test_a_language_does_not_outlast_its_command() -> None:
    CliRunner().invoke(app, ["rules", "show", "VAL-01", "--lang", "en"])
    assert " / " in CliRunner().invoke(app, ["rules", "show", "VAL-01"]).stderr


@pytest.mark.parametrize(
    ("arguments", "kind", "code"),
    [
        (["rules", "show", "VAL-01"], "ConfigurationError", 2),
        (["rules", "sow", "VAL-001"], "UsageError", 2),
        (["releases", "--hom", "x"], "NoSuchOption", 2),
        (["run", "2024-Q7"], "BadParameter", 2),
        (["release", "unpin", "--home", "NOWHERE"], "PinError", 2),
    ],
)
def test_an_error_is_told_to_machines_too(
    arguments: list[str], kind: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(app, [*arguments, "--json"])
    error = json.loads(said.stdout)["error"]
    assert (error["kind"], error["exit_code"]) == (kind, code)
    assert error["message"]
    assert said.exit_code == code or isinstance(said.exception, UsageError)


@pytest.mark.parametrize(
    ("arguments", "like_it"),
    [
        (["rnu", "2024"], "'run'"),
        (["run", "2024", "--sorces", "x"], "--sources"),
        (["rules", "show", "val-01"], "VAL-001"),
        (["rules", "simulate", "VAL-01", "2024-Q4"], "VAL-001"),
        (["gate", "mart_region_scor"], "mart_region_score"),
        (["form", "Kota Balikpapn", "2024-Q4"], "Kota Balikpapan (64.71)"),
        (["sample", "sample", "--kind", "mixd"], "mixed"),
        (["sample", "sample", "--error", "unknown_servic=0.1"], "unknown_service"),
    ],
)
def test_of_a_mistyped_word_the_nearest_is_named(
    arguments: list[str], like_it: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPM_HOME", str(tmp_path / "home"))
    said = subprocess.run([*SPM, *arguments], capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert like_it in said.stderr.splitlines()[-1]
    assert len(said.stderr.splitlines()[-1]) < 400


def commands(group: Any, *before: str) -> Iterator[tuple[str, Any]]:
    """Every command by its words."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *before, name)
        else:
            yield " ".join([*before, name]), command


def test_every_command_has_a_result_for_machines() -> None:
    found = dict(commands(get_command(app)))
    assert {"run", "rules page", "release unpin"} <= found.keys()
    without = [
        name for name, command in found.items() if all("--json" not in one.opts for one in command.params)
    ]
    assert without == ["serve"]  # it ends with a signal, and has no result


def test_what_is_written_is_named_for_machines(tmp_path: Path) -> None:
    form, page, sample = tmp_path / "form.xlsx", tmp_path / "rules.md", tmp_path / "sample"
    for arguments, key, path in (
        (["form", "64.71", "2024-Q4", "--to", str(form)], "file", form),
        (["rules", "page", "--to", str(page)], "file", page),
        (["sample", str(sample), "--regions", "1", "--periods", "2024-Q4"], "folder", sample),
    ):
        said = CliRunner().invoke(app, [*arguments, "--json"])
        assert said.exit_code == 0, said.output
        assert json.loads(said.stdout)[key] == str(path)
        assert path.exists()
