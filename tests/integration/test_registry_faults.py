"""A fault of a seed stops every command that rests on it: one line, exit code 2, and nothing received."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.registry import seeds
from pipelines.registry.seeds import check_registry
from tests.integration.home import document, put, settings_of
from tests.registry import seeds_with

SAID = (
    "reporting_windows.csv:9: the window of 2024-Q3 closes on 2024-08-01, before the quarter is over"
    " (2024-09-30): write the announced day in closes_on"
)


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry of this process, with a window that closes before its quarter."""
    folder = seeds_with(tmp_path, "reporting_windows", "2024-10-20", "2024-08-01")
    checked = seeds._lawful_rows
    monkeypatch.setattr(seeds, "_lawful_rows", lambda name, _: checked(name, folder))
    with pytest.raises(seeds.RegistryError):
        check_registry()


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("command", ["run", "plan", "check", "what-if"])
def test_a_window_that_closes_too_early_stops_the_command(tmp_path: Path, command: str) -> None:
    settings = settings_of(tmp_path)
    report = tmp_path / "inbox" / "laporan.csv"
    put(report, document([{"record": "problem", "region": "64.71", "period": "2024-Q3", "note": "-"}]))
    of_home = ["--home", str(settings.home), "--sources", str(settings.sources_file)]
    arguments = {
        "run": ["run", "2024-Q3", *of_home],
        "plan": ["run", "2024-Q3", "--plan", *of_home],
        "check": ["check", str(report)],
        "what-if": ["run", "2024-Q3", "--method", "permendagri-59-2021", *of_home],
    }
    done = CliRunner().invoke(app.app, arguments[command])
    assert done.exit_code == 2, done.output
    (line,) = [line for line in done.stderr.splitlines() if "reporting_windows" in line]
    assert line.endswith(SAID)
    assert not (settings.published / "current").exists()
