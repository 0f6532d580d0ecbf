"""A rule that did not judge closes the gate: taken out of the SQL, under another id, or without its number.

The project is copied, spoiled, and a small quarter is built and judged by the copy.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any

import duckdb
import pytest

from pipelines.settings import PROJECT_DIR
from tests.integration.home import build_marts, document, put, settings_of
from tests.rules.columns import MODELS, renamed, without

pytestmark = pytest.mark.slow
PERIOD = "2024-Q4"
ROW = {"record": "achievement", "region": "64.71", "service": "K-KES-01", "component": "recipients"}
BUILD = """
import json, sys
from pathlib import Path
import duckdb
from pipelines.build import steps
from pipelines.settings import Settings
from pipelines.sources.config import load_sources

folder, period = Path(sys.argv[1]), sys.argv[2]
settings = Settings(folder / "home", folder / "sources.yaml", threads=2, workers=1)
for spec in load_sources(settings.sources_file):
    steps.take_in(settings, spec, [period])
work_file = settings.work / "test" / "work.duckdb"
steps.make_work(settings, work_file, [period])
with duckdb.connect(str(work_file)) as connection:
    connection.execute(sys.argv[3])
failed = steps.failed_nodes(steps.run_models(settings, work_file))
candidate = steps.make_candidate(settings, work_file, work_file.parent / "candidate", [period])
(verdict,) = steps.judge(candidate)
closing = {found.check_id: found.failing_rows for found in verdict.closing}
print(json.dumps({"failed": failed, "closing": closing}))
"""


NUMBER_ENDS = "update registry.rule_parameters set valid_to_period = '2023-Q4' where rule_id = 'VAL-007'"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("spoiled")
    project = folder / "project"
    for part in ("pipelines", "expectations", "dbt_project"):
        ignored = shutil.ignore_patterns("target", "logs", "__pycache__")
        shutil.copytree(PROJECT_DIR / part, project / part, ignore=ignored)
    shutil.copyfile(PROJECT_DIR / "pyproject.toml", project / "pyproject.toml")
    rows = project / MODELS / "int_rules__rows.sql"
    rows.write_text(renamed("VAL-002", "VAL-999", without("VAL-001", rows.read_text())))
    reading = project / MODELS / "int_rules__readings.sql"
    reading.write_text(without("REG-002", reading.read_text()))
    put(folder / "inbox" / "a.csv", document([{**ROW, "period": PERIOD, "target": "10", "realised": "12"}]))
    settings_of(folder)
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder), PERIOD, NUMBER_ENDS],
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


def test_a_number_that_no_row_of_the_registry_has_stops_the_model_that_reads_it() -> None:
    def remove(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("delete from registry.rule_parameters where parameter = 'max_fraction'")

    with pytest.raises(duckdb.BinderException, match="val_007_max_fraction"):
        build_marts([{**ROW, "period": PERIOD}], remove, models=["int_rules__rows"])


def test_no_other_check_closes(judged: dict[str, Any]) -> None:
    assert set(judged["closing"]) == {"RU-004", "RU-005"}
