"""The fuzz run sees what it is there for: a traceback, a secret, a crash, a hang, what is left behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attack.fuzz import run
from tests.attack.fuzz.target import SECRET, USUAL_MEMORY, demand_one_line
from tests.attack.fuzz.worker import MORE_DESCRIPTORS, WARM_UP, Leaks, input_of, tried

pytestmark = pytest.mark.attack("kept inputs")


class Planted:
    """A target that does what a test says."""

    name = "planted"
    memory = USUAL_MEMORY

    def __init__(self, does: Callable[[Path], object]) -> None:
        self._does = does

    def make(self, draw: object) -> bytes:
        return b"x"

    def attempt(self, sent: bytes, folder: Path) -> None:
        self._does(folder)


@pytest.mark.parametrize(
    ("does", "says"),
    [
        (lambda _: 1 / 0, "ZeroDivisionError"),
        (lambda _: demand_one_line(f"cannot log in with {SECRET}"), "the secret is told"),
        (lambda _: demand_one_line("one\ntwo"), "several lines"),
        (lambda _: demand_one_line(" "), "without a word"),
    ],
)
def test_an_input_that_does_not_hold_is_said(
    does: Callable[[Path], object], says: str, tmp_path: Path
) -> None:
    found = tried(Planted(does), b"", tmp_path / "here")
    assert found is not None
    assert says in found["says"]


def test_an_input_that_holds_leaves_its_folder_empty(tmp_path: Path) -> None:
    assert tried(Planted(lambda folder: (folder / "x").touch()), b"", tmp_path / "here") is None
    assert list(tmp_path.iterdir()) == []


def test_the_same_seed_and_number_are_the_same_input() -> None:
    for target, _ in run.TARGETS.values():
        assert input_of(target, 7, 3) == input_of(target, 7, 3)
        assert len({input_of(target, 7, number) for number in range(8)}) > 1


def test_files_and_descriptors_left_behind_are_seen(tmp_path: Path) -> None:
    leaks = Leaks(tmp_path)
    assert leaks.look(WARM_UP) is None
    (tmp_path / "left").touch()
    assert "left" in str(leaks.look(WARM_UP + 1))
    assert leaks.look(WARM_UP + 2) is None
    held = [(tmp_path.parent / f"open-{number}").open("w") for number in range(MORE_DESCRIPTORS + 5)]
    assert "descriptors" in str(leaks.look(WARM_UP + 3))
    for file in held:
        file.close()


ENDS = {
    "a crash": ("import os; print('{\"tried\": 0}', flush=True); os.abort()", "exit code -6"),
    "a hang": ('import time; print(\'{"tried": 0}\\n{"tried": 1}\', flush=True); time.sleep(60)', "hangs"),
}


@pytest.mark.parametrize(("program", "says"), ENDS.values(), ids=ENDS)
def test_a_process_that_ends_or_hangs_is_seen_and_its_input_kept(
    program: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "worker_command", lambda *_: [sys.executable, "-c", program])
    monkeypatch.setattr(run, "HANG_SECONDS", 1)
    monkeypatch.setitem(run.TARGETS, "planted", (Planted(lambda _: None), 1.0))
    (outcome,) = run.fuzz(["planted"], 0.001, 1, tmp_path)
    assert outcome.not_held >= 1
    ((at, file),) = outcome.faults.items()
    assert says in at
    assert file.read_bytes() == b"planted\nx"
    assert says in file.with_suffix(".txt").read_text()
