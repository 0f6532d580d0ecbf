"""Imports run one way (``[tool.importlinter]`` in pyproject.toml); Dagster and Great Expectations keep to
their modules, and a command that needs neither starts without them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from pipelines.settings import PROJECT_DIR

LINTER = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["name"]: contract for contract in LINTER["contracts"]}
MODULES = {
    f"pipelines.{path.stem}"
    for path in (PROJECT_DIR / "pipelines").iterdir()
    if path.stem != "__init__" and (path.suffix == ".py" or (path / "__init__.py").exists())
}
MAY_IMPORT_DAGSTER = {"definitions", "defs"}
PROBE = "import sys, {module}; print(sorted({{'dagster', 'great_expectations', 'dbt'}} & set(sys.modules)))"

JUDGING = """
import sys
from pipelines.quality.gate import import_judge
import_judge()
heavy = {"scipy.stats", "scipy.stats._stats_py", "altair", "altair.vegalite"}
print(sorted(heavy & set(sys.modules)))
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as divergence
print(divergence.stats.entropy([0.5, 0.5]), divergence.alt.Chart.__name__)
print(sorted(heavy & set(sys.modules)))
"""


def test_imports_run_one_way(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT_DIR)
    code = lint_imports(config_filename=str(PROJECT_DIR / "pyproject.toml"), cache_dir=None)
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    "module", ["pipelines.cli.app", "pipelines.cli.show.runs", "pipelines.publish.releases"]
)
def test_a_command_that_reads_starts_without_the_heavy_libraries(module: str) -> None:
    done = subprocess.run(
        [Path(sys.executable), "-c", PROBE.format(module=module)],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_judging_imports_statistics_and_charts_only_when_they_are_used() -> None:
    done = subprocess.run(
        [Path(sys.executable), "-c", JUDGING], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
    )
    before, used, after = done.stdout.splitlines()
    assert before == "[]"
    assert used == "0.6931471805599453 Chart"
    assert after == "['altair', 'altair.vegalite', 'scipy.stats', 'scipy.stats._stats_py']"


def test_every_module_has_its_place_among_the_layers() -> None:
    named = {name for layer in CONTRACTS["Imports run one way"]["layers"] for name in layer.split(" | ")}
    assert named == MODULES | {"expectations", "spm_sample"}


def test_a_new_module_does_not_know_dagster_until_someone_says_so() -> None:
    without = set(CONTRACTS["Dagster is imported by definitions and defs alone"]["source_modules"])
    assert MODULES - without == {f"pipelines.{name}" for name in MAY_IMPORT_DAGSTER}
