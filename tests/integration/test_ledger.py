"""The ledger has every run, whichever door it came through; the state of a home says what to look at."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from pipelines.build import health, ledger
from pipelines.build.leftovers import sweep
from pipelines.build.record import RunRecord
from pipelines.cli.app import app
from pipelines.definitions import build_definitions
from pipelines.defs.in_process import QUIET
from pipelines.defs.jobs import JOB_NAME
from pipelines.defs.partitions import range_tags
from pipelines.publish.approvers import account_of_process
from pipelines.publish.pin import set_pin
from pipelines.publish.releases import Releases
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.settings import Settings
from tests.integration.home import document, publish_periods, put, settings_of

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
