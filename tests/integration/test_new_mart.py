"""The page on adding a mart is whole: a skeleton filled as it shows passes the contract tests, is built."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_DIR
from scaffold.new_mart import CHECKS, WORDS, SkeletonError, todos, write_mart

PAGE = PROJECT_DIR / "docs" / "runbooks" / "mart.md"
NAME = "mart_open_service"
FOLDERS = ("pipelines", "expectations", "dbt_project", "tests", "scaffold", "bi", "docs", "spm_sample")
_BUILDING = f"""
from pathlib import Path
from pipelines.build import steps
from pipelines.settings import Settings
from pipelines.warehouse import compiled, dbt
settings = Settings(Path("home"), None)
work_file = settings.work / "mart" / dbt.WORK_FILE_NAME
steps.make_work(settings, work_file, ["2024-Q4"])
project = compiled.project(2, "1GB")
models = project.models_of(["{NAME}"])
compiled.build(work_file, models, 2, "1GB")
assert compiled.failing_tests(work_file, project.tests_of(models), 2, "1GB") == {{}}
(result,) = dbt.build(work_file, 2, "1GB", ["{NAME},test_type:unit"], command="test")
assert result.status == "pass", result.message
"""
"""The mart alone, with all that it is made from, and the tests of it."""


def shown(language: str) -> list[str]:
    """The blocks of a language that the page shows, in their order."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def replace_line(path: Path, beginning: str, line: str) -> None:
    """Put the line that the page shows in place of the one of the skeleton."""
    text, times = re.subn(rf"(?m)^{beginning}.*\n", lambda _: line, path.read_text(encoding="utf-8"))
    assert times == 1, path
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the mart of the page, written as the page says."""
    folder = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("__pycache__", "logs", "target", "images", "fixtures")
    for name in FOLDERS:
        shutil.copytree(PROJECT_DIR / name, folder / name, ignore=ignored)
    model, card, words, suite, checks, breaking = (folder / path for path in write_mart(folder, NAME))
    assert (words, checks) == (folder / WORDS, folder / CHECKS)
    (sql,), (yaml,) = shown("sql"), shown("yaml")
    (word_row, check_row), (law, case) = shown("csv"), shown("python")
    model.write_text(sql, encoding="utf-8")
    card.write_text(yaml, encoding="utf-8")
    suite.write_text(law, encoding="utf-8")
    replace_line(words, f"todo_measure,{NAME}", word_row)
    replace_line(checks, "OP-004", check_row)
    replace_line(breaking, r'    Breaking\("OP-004"', f"    {case.strip()},\n")
    assert (
        todos(folder, [path.relative_to(folder) for path in (model, card, words, suite, checks, breaking)])
        == []
    )
    return folder


def run(project: Path, *arguments: str, **environment: str) -> str:
    """Python in the copy, with the copy's packages; what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def contract_tests(*modules: str) -> list[str]:
    """The arguments that run contract tests."""
    named = [f"tests/contract/test_{module}.py" for module in modules]
    return ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *named]


@pytest.mark.slow
def test_a_mart_that_is_written_in_six_places_passes_the_contract_tests_and_is_built(project: Path) -> None:
    run(project, *contract_tests("cards", "asset_graph", "marts_v1"), SPM_WRITE_GOLDEN="1")
    contract = (project / "docs" / "data-contract.md").read_text(encoding="utf-8")
    assert f"| `{NAME}` | region that owes a report and period: how many services it owes" in contract
    for file in ("tests/golden/asset_graph.txt", "tests/golden/marts_v1.json"):
        assert NAME in (project / file).read_text(encoding="utf-8"), file
    run(project, *contract_tests("cards", "columns", "suites", "semantics", "dbt_house"))
    run(project, "-c", _BUILDING)


@pytest.mark.slow
def test_its_suite_passes_a_good_table_and_none_that_is_broken(project: Path) -> None:
    run(project, "-m", "pytest", "-q", "-x", "tests/integration/test_gate.py", "-k", f"OP- or {NAME} or good")


def test_what_a_skeleton_leaves_to_a_person_is_listed_by_file_and_line(tmp_path: Path) -> None:
    for path in (
        "dbt_project/models/marts/scoring",
        "dbt_project/seeds",
        "expectations",
        "tests/integration",
    ):
        (tmp_path / path).mkdir(parents=True)
    for path in (CHECKS, WORDS, Path("tests/integration/breaking.py")):
        shutil.copyfile(PROJECT_DIR / path, tmp_path / path)
    left = todos(tmp_path, write_mart(tmp_path, NAME))
    assert {line.split(":")[0] for line in left} == {
        f"dbt_project/models/marts/scoring/{NAME}.sql",
        f"dbt_project/models/marts/scoring/{NAME}.yml",
        f"expectations/{NAME}.py",
        *(
            "dbt_project/seeds/columns.csv",
            "dbt_project/seeds/gate_checks.csv",
            "tests/integration/breaking.py",
        ),
    }
    with pytest.raises(SkeletonError, match=f"scoring/{NAME}"):
        write_mart(tmp_path, NAME)
    with pytest.raises(SkeletonError, match="mart_<thing>"):
        write_mart(tmp_path, "Open service")
    with pytest.raises(SkeletonError, match="there are scoring"):
        write_mart(tmp_path, "mart_other", "scores")
