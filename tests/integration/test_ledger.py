"""The ledger has every run, whichever door it came through; the state of a home says what to look at."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from prometheus_client import parser as text_format
from prometheus_client.openmetrics import parser as openmetrics
from typer.testing import CliRunner

from pipelines.build import health, ledger
from pipelines.build.leftovers import sweep
from pipelines.build.record import RunRecord
from pipelines.build.run_log import log_of
from pipelines.cli.app import app
from pipelines.definitions import build_definitions
from pipelines.defs.in_process import QUIET
from pipelines.defs.jobs import JOB_NAME
from pipelines.defs.partitions import range_tags
from pipelines.publish.approvers import account_of_process
from pipelines.publish.pin import set_pin
from pipelines.publish.releases import Releases
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.storage.lock import one_writer
from tests.integration.home import document, publish_periods, put, settings_of

pytestmark = pytest.mark.open_gate

PERIOD = "2024-Q4"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose one run published a report; the clock stands before the next quarter is due."""
    made = settings_of(tmp_path_factory.mktemp("ledger"))
    row = {"record": "achievement", "region": "64.71", "period": PERIOD, "service": "K-PEND-01"}
    row |= {"component": "recipients", "target": "100", "realised": "10"}
    put(made.home.parent / "inbox" / "laporan.csv", document([row]))
    said = spm(made, "run", PERIOD, "--sources", str(made.sources_file))
    assert said.exit_code == 0, said.output
    return replace(made, now=None)


def spm(settings: Settings, *arguments: str, now: str = "2025-02-15T10:00:00+07:00") -> Any:
    return CliRunner().invoke(app, [*arguments, "--home", str(settings.home)], env={"SPM_NOW": now})


def launched(settings: Settings, period: str, **tags: str) -> None:
    """A run as the UI, a schedule or a sensor launches it."""
    with dg.DagsterInstance.ephemeral() as instance:
        build_definitions(settings).resolve_job_def(JOB_NAME).execute_in_process(
            tags={**range_tags([period]), **tags}, instance=instance, raise_on_error=False, run_config=QUIET
        )


def test_a_run_of_the_command_line_is_there_with_its_steps(settings: Settings) -> None:
    (entry,) = ledger.entries(settings)
    assert (entry.door, entry.ended, entry.periods) == ("command line", "published", [PERIOD])
    assert entry.account == account_of_process()
    assert entry.release_id == Releases(settings.published).current_id()
    steps = [stage.name for stage in entry.stages]
    assert steps == ["sources__inbox", "landing", "models", "gate", "release"]
    assert {stage.status for stage in entry.stages} == {"success"}
    seconds = entry.seconds
    assert seconds is not None
    assert 0 < sum(stage.seconds for stage in entry.stages) <= seconds
    (listed,) = json.loads(spm(settings, "runs", "--json").stdout)
    assert (listed["run_id"], listed["seconds"]) == (entry.run_id, seconds)


def log_lines(settings: Settings, entry: ledger.RunEntry) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log_of(settings, entry).read_text(encoding="utf-8").splitlines()]


def test_a_run_has_a_log_a_line_of_json_an_event(settings: Settings) -> None:
    entry = ledger.entries(settings)[-1]
    lines = log_lines(settings, entry)
    assert {tuple(line) for line in lines} == {("time", "run", "environment", "level", "stage", "message")}
    assert {line["run"] for line in lines} == {entry.run_id}
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    assert lines[0]["message"] == f"command line: quarterly_run {PERIOD}"
    assert lines[-1]["message"] == f"published: {entry.release_id}"
    assert {line["stage"] for line in lines} >= {stage.name for stage in entry.stages}
    said = [line for line in lines if line["stage"] == "release"]
    assert any(line["message"].startswith("menerbitkan") for line in said), said
    assert log_of(settings, entry).stat().st_mode & 0o777 == 0o640 & ~mask()


def mask() -> int:
    was = os.umask(0)
    os.umask(was)
    return was


@pytest.mark.parametrize(
    ("tags", "door"),
    [
        ({}, "UI"),
        ({"dagster/schedule_name": "closed_windows"}, "schedule"),
        ({"dagster/sensor_name": "new_documents"}, "sensor"),
    ],
)
def test_a_run_of_dagster_that_fails_is_there_with_its_reason(
    settings: Settings, tags: dict[str, str], door: str
) -> None:
    launched(settings, "2024-Q1", **tags)
    entry = ledger.entries(settings)[0]
    assert (entry.door, entry.ended, entry.periods) == (door, "failed", ["2024-Q1"])
    assert entry.error is not None
    assert entry.error.startswith("2024-Q1: tidak ada satu baris pun")
    lines = log_lines(settings, entry)
    assert lines[0]["message"].startswith(f"{door}: ")
    failed, *skipped = [line for line in lines if line["level"] == "error" and line["stage"]]
    assert failed["message"] == entry.error
    assert all(line["message"].startswith("Dependencies for step") for line in skipped), skipped
    assert lines[-1]["message"] == f"failed: {entry.error}"
    said = spm(settings, "status")
    assert said.exit_code == 1
    assert "2024-Q1: tidak ada satu baris pun" in said.stdout


def test_a_run_that_set_documents_aside_is_no_failure(settings: Settings) -> None:
    later = replace(settings, home=settings.home)
    row = {"record": "achievement", "region": "64.71", "period": PERIOD, "service": "K-PEND-02"}
    row |= {"component": "recipients", "target": "100", "realised": "10"}
    put(later.home.parent / "inbox" / "lagi.csv", document([row]))
    set_pin(later, Releases(later.published).current_id(), "Siti", "angka keliru", None)
    assert spm(later, "run", PERIOD, "--sources", str(later.sources_file)).exit_code == 6
    assert ledger.entries(later)[0].ended == "pinned"
    said = json.loads(spm(later, "status", "--json").stdout)
    assert said["problems"] == []
    assert said["pin"]["name"] == "Siti"
    # where nothing is set aside all is as it is published
    assert spm(later, "release", "unpin").exit_code == 0
    (later.home.parent / "inbox" / "lagi.csv").unlink()


def test_a_run_while_a_release_is_pinned_and_nothing_came_is_no_failure(tmp_path: Path) -> None:
    made = settings_of(tmp_path)
    row = {"record": "achievement", "region": "64.71", "period": PERIOD, "service": "K-PEND-01"}
    row |= {"component": "recipients", "target": "100", "realised": "10"}
    put(tmp_path / "inbox" / "laporan.csv", document([row]))
    publish_periods(made, [PERIOD])
    set_pin(made, Releases(made.published).current_id(), "Siti", "", None)
    said = spm(
        made, "run", PERIOD, "--sources", str(made.sources_file), "--json", now="2025-06-01T10:00:00+07:00"
    )
    assert said.exit_code == 0, said.output
    assert (json.loads(said.stdout)["unchanged"], json.loads(said.stdout)["set_aside"]) == ([PERIOD], {})
    assert ledger.entries(made)[0].ended == "pinned"


def test_a_gate_that_closed_is_told_though_the_run_that_follows_published(settings: Settings) -> None:
    first = ledger.begin(settings, "a" * 36, "UI", 1, [PERIOD], None)
    verdict = PeriodVerdict(PERIOD, [Verdict("CO-005", "mart_compliance", "fatal", "fail")], {})
    ledger.end(settings, first, RunRecord(verdicts=[verdict]), [], None)
    second = ledger.begin(settings, "b" * 36, "UI", 1, [PERIOD], first.run_id)
    ledger.end(settings, second, RunRecord(release_id="r", is_new=True), [], None)
    assert [problem for problem in health.health_of(settings).problems if "CO-005" in problem]


def test_a_run_whose_process_is_gone_died(settings: Settings) -> None:
    entry = ledger.begin(settings, "0" * 36, "UI", 1, [PERIOD], None)
    (settings.work / entry.run_id).mkdir(parents=True)
    assert ledger.entries(settings)[0].ended == "running"
    assert sweep(settings) == [entry.run_id]
    assert ledger.entries(settings)[0].ended == "died"
    assert spm(settings, "status").exit_code == 1


def test_a_quarter_is_due_a_day_after_its_last_window_closed(settings: Settings) -> None:
    def due(day: str) -> list[str]:
        return json.loads(spm(settings, "status", "--json", now=f"{day}T10:00:00+07:00").stdout)["due"]

    closes = max(
        health.closing_days(health.all_periods()[[*map(str, health.all_periods())].index("2025-Q1")])
    )
    assert due(str(closes)) == []
    assert due("2025-12-31")[0] == "2025-Q1"


def test_little_disk_and_a_damaged_release_are_problems(settings: Settings) -> None:
    assert health.health_of(replace(settings, least_free_bytes=1)).free_bytes > 1
    full = health.health_of(replace(settings, least_free_bytes=2**62))
    assert any("SPM_LEAST_FREE_MB" in problem for problem in full.problems)
    table = settings.published / "current" / "dim_method.parquet"
    was = table.read_bytes()
    table.chmod(0o644)
    try:
        table.write_bytes(was[:-1] + bytes([was[-1] ^ 1]))
        assert any("dim_method" in problem for problem in health.health_of(settings).problems)
    finally:
        table.write_bytes(was)


def test_a_home_without_a_run_is_well(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["status", "--home", str(tmp_path / "none"), "--json"])
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout)["release_id"] is None
    assert not (tmp_path / "none").exists()
    assert CliRunner().invoke(app, ["runs", "--home", str(tmp_path / "none")]).exit_code == 0


def test_the_environment_is_named_beside_what_every_command_prints(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPM_ENVIRONMENT", "staging")
    for command in (["status", "--json"], ["runs", "--json"], ["releases", "--json"], ["metrics"]):
        said = spm(settings, *command)
        assert said.stderr.splitlines()[0] == "spm [staging]"
        assert "spm [" not in said.stdout
    assert json.loads(spm(settings, "status", "--json").stdout)["environment"] == "staging"
    assert "[staging]" in spm(settings, "status").stdout
    monkeypatch.setenv("SPM_ENVIRONMENT", "Stag ing")
    assert spm(settings, "releases").exit_code == 2


class TestMetrics:
    """Read as Prometheus reads them."""

    def families(self, text: str) -> dict[str, dict[tuple[str, ...], float]]:
        found: dict[str, dict[tuple[str, ...], float]] = {}
        for family in openmetrics.text_string_to_metric_families(text):
            assert family.type == "gauge"
            assert family.documentation
            samples = {tuple(sample.labels.values()): sample.value for sample in family.samples}
            assert len(samples) == len(family.samples)
            found[family.name] = samples
        # the format that the collector falls back to knows no other types and takes no times
        older = {family.name for family in text_format.text_string_to_metric_families(text)}
        assert older == found.keys()
        return found

    def test_say_what_status_says(self, settings: Settings, tmp_path: Path) -> None:
        file = tmp_path / "textfile" / "spm.prom"
        assert spm(settings, "metrics", "--to", str(file)).exit_code == 0
        text = file.read_text(encoding="utf-8")
        assert text.endswith("\n# EOF\n")
        assert [path.name for path in file.parent.iterdir()] == ["spm.prom"]
        assert file.stat().st_mode & 0o777 == 0o644
        found = self.families(text)
        page = (PROJECT_DIR / "docs" / "runbooks" / "operation.md").read_text(encoding="utf-8")
        assert {name for name in found if f"`{name}`" not in page} == set()
        said = json.loads(spm(settings, "status", "--json").stdout)
        runs = ledger.entries(settings)
        last = next(run for run in runs if run.ended != "running")
        assert found["spm_problems"] == {(): len(said["problems"])}
        assert found["spm_release_info"] == {(said["release_id"],): 1}
        assert found["spm_release_published_timestamp_seconds"][()] == pytest.approx(
            datetime.fromisoformat(said["published_at"]).timestamp(), abs=1
        )
        assert found["spm_disk_free_bytes"][()] == pytest.approx(said["free_bytes"], rel=0.05)
        assert [ending for (ending,), value in found["spm_last_run_ended"].items() if value] == [last.ended]
        assert sum(found["spm_ledger_runs"].values()) == len(runs)
        assert found["spm_writer_active"] == {(): 0}
        with duckdb.connect() as connection:
            findings = connection.execute(
                "select period, severity, count(*) from read_parquet(?) group by all",
                [str(settings.published / "current" / "mart_finding.parquet")],
            ).fetchall()
        assert found["spm_release_findings"] == {(one, other): count for one, other, count in findings}

    def test_say_how_a_closed_gate_a_pin_and_a_writer_stand(self, settings: Settings) -> None:
        entry = ledger.begin(settings, "c" * 36, "sensor", 1, [PERIOD], None)
        verdict = PeriodVerdict(PERIOD, [Verdict("CO-005", "mart_compliance", "fatal", "fail")], {})
        stage = ledger.Stage('odd "name"\\', "success", 1.5)
        ledger.end(settings, entry, RunRecord(verdicts=[verdict]), [stage], None)
        set_pin(settings, Releases(settings.published).current_id(), "Siti", "", None)
        with one_writer(settings.home, "spm run"):
            found = self.families(spm(settings, "metrics").stdout)
        assert spm(settings, "release", "unpin").exit_code == 0
        assert found["spm_last_run_gate_closing_checks"] == {(PERIOD,): 1}
        assert found["spm_last_run_gate_closed"] == {(): 1}
        assert found["spm_last_run_stage_duration_seconds"] == {('odd "name"\\',): 1.5}
        assert (found["spm_release_pinned"], found["spm_writer_active"]) == ({(): 1}, {(): 1})

    def test_of_a_home_without_a_run_say_so(self, tmp_path: Path) -> None:
        said = CliRunner().invoke(app, ["metrics", "--home", str(tmp_path / "none")])
        found = self.families(said.stdout)
        assert sum(found["spm_ledger_runs"].values()) == 0
        assert "spm_release_info" not in found
        listed = json.loads(CliRunner().invoke(app, ["metrics", "--home", str(tmp_path), "--json"]).stdout)
        assert {"name": "spm_periods_due", "labels": {}, "value": 0.0} in listed["samples"]
        assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("address", ["postgresql://x@127.0.0.1:1/spm", "mysql://x@h/d"])
def test_a_database_that_does_not_answer_is_a_problem(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPM_POSTGRES_URL", address)
    said = CliRunner().invoke(app, ["status", "--home", str(tmp_path), "--json"])
    assert said.exit_code == 1
    (service,) = json.loads(said.stdout)["services"]
    assert (service["name"], service["is_well"]) == ("postgres", False)
    assert json.loads(said.stdout)["problems"] == [service["problem"]]
    metrics = CliRunner().invoke(app, ["metrics", "--home", str(tmp_path)]).stdout
    assert 'spm_service_up{service="postgres"} 0.0' in metrics
