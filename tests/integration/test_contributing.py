"""The commands that CONTRIBUTING shows run as they stand, in the order shown."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_DIR


@pytest.mark.slow
def test_the_commands_of_the_first_day_run(tmp_path: Path) -> None:
    page = (PROJECT_DIR / "CONTRIBUTING.md").read_text(encoding="utf-8")
    commands = re.findall(r"^spm .*$", page.split("<!-- run -->")[1].split("```")[1], re.MULTILINE)
    assert len(commands) > 3
    environment = os.environ | {"SPM_NOW": "2025-01-25T00:00:00+00:00"}
    for command in commands:
        arguments = shlex.split(command)[1:]
        program = [sys.executable, "-c", "from pipelines.cli.app import main; main()"]
        done = subprocess.run(
            [*program, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
