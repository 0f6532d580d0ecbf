"""A source with a layout, from `spm check` to published tables: each number leads back to its cell.

The table is that of `docs/runbooks/layout.md`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.settings import PROJECT_DIR, Settings
from tests.integration.home import publish_periods, published, put, settings_of

PAGE = (PROJECT_DIR / "docs/runbooks/layout.md").read_text()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("layouts")
    settings = settings_of(folder)
    assert settings.sources_file is not None
    settings.sources_file.write_text(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])
    put(folder / "bulanan.csv", re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)[0].encode())
    publish_periods(settings, ["2024-Q1", "2024-Q2"])
    return settings


def test_what_is_published_names_line_and_columns(settings: Settings) -> None:
    facts = {
        (row["period"], row["service_code"]): row
        for row in published(settings, "fct_indicator")
        if row["source_ref"]
    }
    found = {key: (row["target"], row["realised"], row["source_ref"][13:]) for key, row in facts.items()}
    assert found == {
        ("2024-Q1", "K-KES-01"): (1200, 300, "L4:D+E+F"),
        ("2024-Q2", "K-KES-01"): (1200, 580, "L4:D+E+F+G+H+I"),
        ("2024-Q1", "K-KES-02"): (1100, 250, "L5:D+E+F"),
        ("2024-Q2", "K-KES-02"): (1100, 520, "L5:D+E+F+G+H+I"),
    }


def test_a_number_is_followed_from_its_cells(settings: Settings) -> None:
    asked = ["trace", "bulanan.csv:L4:D+E+F", "--home", str(settings.home), "--json"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    steps = {step["step"]: step for step in json.loads(result.stdout)["children"]}
    assert steps["read"]["realised"] == "300"
    assert steps["fact"]["realised"] == "300.000000000000"


def test_check_shows_line_by_line_what_became_what(settings: Settings) -> None:
    assert settings.sources_file is not None
    file = settings.sources_file.parent / "bulanan.csv"
    asked = ["check", str(file), "--sources", str(settings.sources_file), "--layout", "--json"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    assert [found["rule_id"] for found in shown["findings"] if found["severity"] == "fatal"] == []
    (document,) = shown["layout"]
    lines = {line["place"]: line for line in document["lines"]}
    assert list(lines) == ["L1", "L2", "L3", "L4", "L5", "L6"]
    assert lines["L4"]["rows"][0]["realised"] == {"text": "300", "from": "L4:D+E+F"}
    assert lines["L4"]["rows"][0]["region"] == {"text": "KABUPATEN ACEH TENGAH", "from": "L2:A"}
    assert lines["L6"]["why"].startswith("jumlah")


def test_check_names_what_it_lacks(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n")
    ask = CliRunner(env={"SPM_SOURCES": ""}).invoke
    for arguments, words in (
        (["--layout"], "--sources"),
        (["--sources", str(settings.sources_file), "--source", "lain"], "bulanan"),
    ):
        result = ask(app, ["check", str(tmp_path / "x.csv"), *arguments])
        assert (result.exit_code, words in result.output) == (2, True), result.output
