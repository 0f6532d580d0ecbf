"""The output that the README shows is what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app, runs
from pipelines.cli.show import terminal
from pipelines.settings import PROJECT_DIR, read_settings

CASES = PROJECT_DIR / "spm_sample" / "published_figures" / "sources.yaml"
README = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")


def shown_after(marker: str) -> list[str]:
    """The lines of the indented block that follows a marker, without those that end in an ellipsis."""
    block = re.search(rf"<!-- {marker} -->\n\n((?:    .*\n|\n)+)", README)
    assert block is not None
    lines = [line[4:].rstrip() for line in block[1].splitlines()]
    return [line for line in lines if line and not line.endswith("…") and not line.startswith("$")]


def printed_by(*arguments: str, width: int) -> str:
    """What a command prints on a terminal so many characters wide; its exit code must be 0."""
    terminal.out.width = width
    result = CliRunner().invoke(app.app, list(arguments))
    assert result.exit_code == 0, result.output
    return "\n".join(line.rstrip() for line in result.output.splitlines())


def test_the_explanation_is_the_one_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.run_periods(read_settings(home=tmp_path, sources_file=CASES), ["2022-Q4"])
    printed = printed_by("explain", "Kota Kotamobagu", "2022-Q4", "--home", str(tmp_path), width=110)
    assert printed.splitlines() == shown_after("explain")


@pytest.mark.slow
def test_the_demo_prints_the_tables_shown(tmp_path: Path) -> None:
    printed = printed_by("demo", "--home", str(tmp_path / "demo"), width=80).splitlines()
    assert [line for line in shown_after("demo") if line not in printed] == []
