"""A rule that did not judge closes the gate: taken out of the SQL, under another id, or without its number.

The project is copied, spoiled, and a small quarter is built and judged by the copy.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest

from pipelines.settings import PROJECT_DIR
from tests.integration.home import document, put, settings_of

PERIOD = "2024-Q4"
ROW = {"record": "achievement", "region": "64.71", "service": "K-KES-01", "component": "recipients"}
BUILD = """
import json, sys
from pathlib import Path
from pipelines.build import steps
from pipelines.settings import Settings
from pipelines.sources.config import load_sources

folder, period = Path(sys.argv[1]), sys.argv[2]
settings = Settings(folder / "home", folder / "sources.yaml", threads=2, workers=1)
for spec in load_sources(settings.sources_file):
    steps.take_in(settings, spec, [period])
work_file = settings.work / "test" / "work.duckdb"
steps.make_work(settings, work_file, [period])
failed = steps.failed_nodes(steps.run_models(settings, work_file))
candidate = steps.make_candidate(settings, work_file, work_file.parent / "candidate", [period])
(verdict,) = steps.judge(candidate)
closing = {found.check_id: found.failing_rows for found in verdict.closing}
print(json.dumps({"failed": failed, "closing": closing}))
"""


def without(rule_id: str, text: str) -> str:
    """A list of rules without one of them."""
    spoiled, count = re.subn(
        rf"        \{{\n            'rule_id': '{rule_id}',.*?\n        \}},\n", "", text, flags=re.DOTALL
    )
    assert count == 1
    return spoiled


def renamed(rule_id: str, text: str) -> str:
    """A list of rules with one of them under an id that is no rule's."""
    assert text.count(f"'{rule_id}'") == 1
    return text.replace(f"'{rule_id}'", f"'{rule_id[:-3]}999'")


def without_number(rule_id: str, text: str) -> str:
    """The parameters without those of one rule."""
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith(f"{rule_id},")]
    assert len(kept) < len(text.splitlines())
    return "".join(kept)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("spoiled")
    project = folder / "project"
    for part in ("pipelines", "expectations", "dbt_project"):
        ignored = shutil.ignore_patterns("target", "logs", "__pycache__")
        shutil.copytree(PROJECT_DIR / part, project / part, ignore=ignored)
    shutil.copyfile(PROJECT_DIR / "pyproject.toml", project / "pyproject.toml")
    rows = project / "dbt_project" / "macros" / "row_rules.sql"
    rows.write_text(renamed("VAL-002", without("VAL-001", rows.read_text())))
    reading = project / "dbt_project" / "macros" / "reading_rules.sql"
    reading.write_text(without("REG-002", reading.read_text()))
    numbers = project / "dbt_project" / "seeds" / "rule_parameters.csv"
    numbers.write_text(without_number("VAL-007", numbers.read_text()))
    put(folder / "inbox" / "a.csv", document([{**ROW, "period": PERIOD, "target": "10", "realised": "12"}]))
    settings_of(folder)
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder), PERIOD],
        cwd=project,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["failed"] == []
    return found


def test_a_rule_taken_out_of_the_sql_closes_the_gate(judged: dict[str, Any]) -> None:
    said = {row["rule_id"]: row["fault"] for row in judged["closing"]["RU-004"]}
    assert said["VAL-001"] == "did not run"
    assert said["REG-002"] == "did not run"


def test_a_rule_under_another_id_closes_the_gate(judged: dict[str, Any]) -> None:
    said = {row["rule_id"]: row["fault"] for row in judged["closing"]["RU-004"]}
    assert (said["VAL-002"], said["VAL-999"]) == ("did not run", "not a rule of this period")


def test_a_rule_without_its_number_closes_the_gate(judged: dict[str, Any]) -> None:
    assert {(row["rule_id"], row["status"]) for row in judged["closing"]["RU-005"]} == {
        ("VAL-007", "no_parameter"),
        ("VAL-999", "unknown"),
    }


def test_no_other_check_closes(judged: dict[str, Any]) -> None:
    assert set(judged["closing"]) == {"RU-004", "RU-005"}
