"""The page on adding a method is whole: its rows are lawful, and its commands do what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.registry.methods import method_for, methods
from pipelines.registry.periods import Period
from pipelines.registry.seeds import check_registry
from pipelines.settings import PROJECT_DIR
from tests.integration.home import document, put, settings_of
from tests.registry import FROZEN, copied

PAGE = (PROJECT_DIR / "docs" / "runbooks" / "method.md").read_text(encoding="utf-8")
Q3, Q4 = Period(2024, 3), Period(2024, 4)
REPORT = [
    {
        **row,
        "record": "achievement",
        "region": "64.71",
        "period": "2024-Q4",
        "service": "K-KES-01",
        "target": "10",
    }
    for row in (
        {"component": "recipients", "realised": "10"},
        {"component": "personnel", "item": "Bidan", "realised": "5"},
    )
]


def steps() -> list[tuple[str, str, str]]:
    """The blocks of the page in order: language, file, text."""
    return re.findall(r"^```(csv|diff|sh) ?(\S*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def apply(kind: str, file: Path, text: str) -> None:
    """Change a file as a block shows it: rows at its end, or beginnings of lines in place of others."""
    before = file.read_text(encoding="utf-8")
    if kind == "csv":
        file.write_text(before + text, encoding="utf-8")
        return
    old, new = ([line[1:] for line in text.splitlines() if line[0] == sign] for sign in "-+")
    for was, becomes in zip(old, new, strict=True):
        assert before.count(f"\n{was}") == 1, was
        before = before.replace(f"\n{was}", f"\n{becomes}")
    file.write_text(before, encoding="utf-8")


def test_the_rows_of_the_page_are_lawful_and_score_once_they_are_official(tmp_path: Path) -> None:
    seeds, state = copied(tmp_path), []
    for kind, file, text in steps():
        if kind == "sh":
            # the readers keep what they read: each state is a folder of its own
            now = Path(shutil.copytree(seeds, tmp_path / str(len(state))))
            check_registry(now)
            state.append([method_for(period, now).method_version for period in (Q3, Q4)])
            assert methods(now)[-1].method_version == "spm-70-30"
        else:
            apply(kind, seeds / Path(file).name, text)
    draft, official = ["permendagri-59-2021"] * 2, ["permendagri-59-2021", "spm-70-30"]
    assert state == [draft, draft, official, official]


@pytest.mark.slow
def test_the_commands_of_the_page_do_what_it_says_on_a_copy_of_the_project(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    folders = ("pipelines", "expectations", "dbt_project", "spm_sample")
    for folder in folders:
        shutil.copytree(PROJECT_DIR / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(FROZEN, copy / "dbt_project" / "seeds", dirs_exist_ok=True)
    settings = settings_of(tmp_path)
    put(tmp_path / "inbox" / "2024-Q4.csv", document(REPORT))

    def spm(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", "from pipelines.cli.app import main; main()", *arguments],
            cwd=copy,
            env={
                **os.environ,
                "SPM_HOME": str(settings.home),
                "SPM_SOURCES": str(settings.sources_file),
                "SPM_NOW": "2025-06-01T03:00:00+00:00",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    first = spm("run", "2024-Q4")
    assert "permendagri-59-2021" in first, "nobody verified the method, and the run does not say so"
    printed = []
    for kind, file, text in steps():
        if kind == "sh":
            printed += [spm(*line.removeprefix("spm ").split()) for line in text.splitlines()]
        else:
            apply(kind, copy / file, text)
    what_if, plan, run, diff = printed
    assert "bukan angka resmi" in what_if
    assert "unchanged: 2024-Q4" in plan
    assert "new release" in run
    assert "permendagri-59-2021" not in run
    assert "new_method" in diff
    assert "spm-70-30" in spm("explain", "64.71", "2024-Q4")
