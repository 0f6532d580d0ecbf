"""Folders that are thrown away go with their command, and where that was killed with a later one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pipelines.build.leftovers import sweep
from pipelines.settings import Settings
from pipelines.storage.scratch import scratch_folder, sweep_scratch

HOLDER = """
import sys
from pathlib import Path
from pipelines.storage.scratch import scratch_folder
with scratch_folder("as-of", Path(sys.argv[1]) if sys.argv[1:] else None) as folder:
    (folder / "work.duckdb").write_bytes(b"x")
    print(folder, flush=True)
    sys.stdin.read()
"""


def holder(*arguments: str) -> tuple[subprocess.Popen[str], Path]:
    """A process that is at work in a folder of its own, and the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_that_of_a_killed_command_goes_with_the_next_one_and_that_of_a_live_one_stays(
    tmp_path: Path,
) -> None:
    (killed, left), (live, kept) = holder(str(tmp_path)), holder(str(tmp_path))
    killed.kill()
    killed.wait()
    assert left.exists()
    with scratch_folder("rebuild", tmp_path) as own:
        assert sorted(tmp_path.iterdir()) == sorted([own, kept])
    assert (kept / "work.duckdb").exists()
    live.communicate("")
    assert list(tmp_path.iterdir()) == []


def test_a_run_sweeps_those_of_its_home_and_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, system = Settings(tmp_path / "home"), tmp_path / "system"
    system.mkdir()
    monkeypatch.setenv("TMPDIR", str(system))
    monkeypatch.setattr(tempfile, "tempdir", None)
    of_home, of_check = holder(str(settings.scratch)), holder()
    for process, _ in (of_home, of_check):
        process.kill()
        process.wait()
    assert of_check[1].parent == system
    sweep(settings)
    assert [path for _, path in (of_home, of_check) if path.exists()] == []


def test_folders_of_people_and_links_stay(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "in").mkdir(parents=True)
    (tmp_path / "spm-check-2024").mkdir()
    (tmp_path / ".spm-scratch-check-x").symlink_to(elsewhere)
    (tmp_path / ".spm-scratch-check-y").touch()
    sweep_scratch(tmp_path)
    assert (elsewhere / "in").exists()
    assert len(list(tmp_path.iterdir())) == 4


def test_without_a_home_that_can_be_written_it_lies_where_the_system_keeps_such(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with scratch_folder("rebuild", tmp_path / "home" / "scratch") as own:
        assert own.parent == Path(tempfile.gettempdir())
