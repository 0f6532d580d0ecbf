"""The recipe for a new rule (docs/runbooks/rules.md) is complete: a copy of the project follows it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_DIR
from tests.mutation.project import copy_project

RUNBOOK = PROJECT_DIR / "docs" / "runbooks" / "rules.md"
RECIPE = RUNBOOK.read_text(encoding="utf-8").partition("## Add one")[2].partition("\n## ")[0]
STEPS = re.findall(r"^\d\. (.*?)\n\n```\w+\n(.*?)```", RECIPE, re.DOTALL | re.MULTILINE)
COMMANDS = re.findall(r"^    \.venv/bin/(.*)$", RECIPE, re.MULTILINE)
SPM = [sys.executable, "-c", "from pipelines.cli.app import main; main()"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("recipe") / "project")
    shutil.copytree(PROJECT_DIR / "docs", folder / "docs")
    return folder


def follow(project: Path, said: str, snippet: str) -> None:
    """Write a step's snippet into the file that the step, or the snippet's first line, names."""
    named = f"{said} {snippet.splitlines()[0]}"
    (path,) = (project / name for name in re.findall(r"[\w/.-]+/[\w.-]+\.(?:csv|sql|yml)", named))
    if path.suffix == ".sql":
        text = path.read_text(encoding="utf-8")
        first = text.index("    -- ")
        path.write_text(text[:first] + snippet + text[first:], encoding="utf-8")
    else:
        with path.open("a", encoding="utf-8") as file:
            file.write(snippet)


def run(project: Path, command: str) -> subprocess.CompletedProcess[str]:
    name, *arguments = shlex.split(command)
    return subprocess.run(
        [*(SPM if name == "spm" else [sys.executable]), *arguments],
        cwd=project,
        env={"PATH": os.environ["PATH"], "HOME": str(project), "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_rule_added_by_the_recipe_is_found_wanting_until_its_last_step_and_then_passes(
    project: Path,
) -> None:
    words, numbers, column, fixture = STEPS
    page, proof = COMMANDS
    follow(project, *words)
    follow(project, *numbers)
    follow(project, *fixture)
    assert run(project, page).returncode == 0
    done = run(project, proof)
    assert done.returncode == 1
    assert 'int_rules__<what it judges>.sql: add a column "VAL-013", a row of rules.csv' in done.stdout
    assert "no model of dbt_project/models/intermediate/rules reads min_share of VAL-013" in done.stdout
    assert "FAILED tests/rules/test_fixtures.py::test_a_rule_finds_what_its_case_says" in done.stdout
    follow(project, *column)
    done = run(project, proof)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
