"""One source's failure is its own; a new document runs its periods and no other."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.definitions import build_definitions
from pipelines.defs.instance import dagster_instance
from pipelines.defs.jobs import JOB_NAME
from pipelines.defs.resources import HomeResource
from pipelines.defs.sensors import new_documents, unbroken
from pipelines.settings import Settings
from tests.integration.home import document, publish_periods, published, put, settings_of

pytestmark = [pytest.mark.open_gate, pytest.mark.history]


def _report(settings: Settings, region: str, period: str, realised: str = "90") -> None:
    row = {
        "record": "achievement",
        "region": region,
        "period": period,
        "service": "K-PEND-01",
        "component": "recipients",
        "target": "100",
        "realised": realised,
    }
    put(settings.home.parent / f"inbox/{region}_{period}_{realised}.csv", document([row]))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    found = settings_of(tmp_path)
    assert found.now is not None
    monkeypatch.setenv("SPM_NOW", found.now.isoformat())
    return found


@pytest.fixture
def dead_address() -> str:
    """The address of a server that is not there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def _add_source(settings: Settings, text: str) -> None:
    assert settings.sources_file is not None
    with settings.sources_file.open("a") as file:
        file.write(text)


def _spm_run(settings: Settings, *options: str) -> Any:
    arguments = ["run", "2024-Q4", "--sources", str(settings.sources_file), "--home", str(settings.home)]
    return CliRunner().invoke(app, [*arguments, *options])


def test_a_failing_source_stops_no_other_and_its_periods_are_named(
    settings: Settings, dead_address: str
) -> None:
    _report(settings, "64.71", "2024-Q4")
    _add_source(settings, f"- name: provinsi\n  kind: csv\n  path: {dead_address}/{{period}}.csv\n")
    said = _spm_run(settings, "--json")
    assert said.exit_code == 3, said.output
    outcome = json.loads(said.stdout)
    assert outcome["published"] == ["2024-Q4"]
    assert outcome["incomplete"]["provinsi"]["periods"] == ["2024-Q4"]
    assert dead_address in outcome["incomplete"]["provinsi"]["messages"][0]
    with dagster_instance(settings.home) as instance:
        logged = [entry.dagster_event for entry in instance.all_logs(outcome["run_id"])]
    checks = {
        event.asset_check_evaluation_data.asset_key.path[-1]: event.asset_check_evaluation_data.passed
        for event in logged
        if event is not None and event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
        if event.asset_check_evaluation_data.check_name == "complete"
    }
    assert checks == {"inbox": True, "provinsi": False}


def test_a_failing_source_and_nothing_else_is_a_failed_source(settings: Settings, dead_address: str) -> None:
    _add_source(settings, f"- name: provinsi\n  kind: csv\n  path: {dead_address}/{{period}}.csv\n")
    said = _spm_run(settings)
    assert said.exit_code == 3
    assert "provinsi: " in said.stderr
    assert "cannot be opened" in said.stderr


def test_a_person_reads_which_periods_are_incomplete(settings: Settings, dead_address: str) -> None:
    _report(settings, "64.71", "2024-Q4")
    _add_source(settings, f"- name: provinsi\n  kind: csv\n  path: {dead_address}/{{period}}.csv\n")
    assert "provinsi: tidak lengkap untuk 2024-Q4 / incomplete for 2024-Q4" in _spm_run(settings).stdout


def _tick(settings: Settings) -> list[Any]:
    """One evaluation of the sensor: its run requests, or what it says instead."""
    home = HomeResource(path=str(settings.home), sources_file=str(settings.sources_file))
    with (
        dg.DagsterInstance.ephemeral() as instance,
        dg.build_sensor_context(instance=instance, resources={"home": home}) as context,
    ):
        result: Any = new_documents(context)
        return list(result)


def _ranges(requests: list[Any]) -> list[tuple[str, str]]:
    start, end = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
    return [(request.tags[start], request.tags[end]) for request in requests]


def test_the_sensor_asks_for_the_periods_that_new_documents_touch_and_no_other(settings: Settings) -> None:
    for period in ("2023-Q4", "2024-Q1", "2024-Q4"):
        _report(settings, "64.71", period)
    requests = _tick(settings)
    assert _ranges(requests) == [("2023-Q4", "2024-Q1"), ("2024-Q4", "2024-Q4")]
    publish_periods(settings, ["2023-Q4", "2024-Q1"])
    publish_periods(settings, ["2024-Q4"])
    (silent,) = _tick(settings)
    assert isinstance(silent, dg.SkipReason)

    _report(settings, "64.71", "2024-Q4", realised="95")
    (asked,) = _tick(settings)
    assert _ranges([asked]) == [("2024-Q4", "2024-Q4")]
    assert asked.run_key not in {request.run_key for request in requests}
    assert asked.run_key == _tick(settings)[0].run_key


def test_while_a_window_is_open_documents_are_gathered_for_a_release_an_hour(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(instant: str) -> list[Any]:
        monkeypatch.setenv("SPM_NOW", instant)
        return _tick(settings)

    _report(settings, "64.71", "2024-Q4")
    assert len(at("2025-01-12T09:00:00+07:00")) == 1
    publish_periods(replace(settings, now=datetime(2025, 1, 12, 3, tzinfo=UTC)), ["2024-Q4"])
    _report(settings, "64.72", "2024-Q4")
    (held,) = at("2025-01-12T10:59:00+07:00")
    assert "2025-01-12 11:00 WIB" in str(held)
    _report(settings, "64.72", "2023-Q4")
    # one whose window is over is not held, and a tick has requests or a reason
    assert _ranges(at("2025-01-12T10:59:00+07:00")) == [("2023-Q4", "2023-Q4")]
    assert len(at("2025-01-12T11:00:00+07:00")) == 2
    monkeypatch.setenv("SPM_SENSOR_MINUTES", "30")
    assert len(at("2025-01-12T10:30:00+07:00")) == 2


def test_after_the_window_a_late_document_is_published_at_once(settings: Settings) -> None:
    _report(settings, "64.71", "2024-Q4")
    publish_periods(settings, ["2024-Q4"])
    _report(settings, "64.72", "2024-Q4")
    assert _ranges(_tick(settings)) == [("2024-Q4", "2024-Q4")]


def test_a_run_that_the_sensor_asks_for_publishes(settings: Settings) -> None:
    _report(settings, "64.71", "2024-Q4")
    (asked,) = _tick(settings)
    job = build_definitions(settings).resolve_job_def(JOB_NAME)
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(tags=asked.tags, instance=instance).success
    assert {row["period"] for row in published(settings, "mart_region_score")} == {"2024-Q4"}


def test_ranges_have_no_gap() -> None:
    every = ["2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3"]
    assert unbroken({"2024-Q3", "2023-Q4", "2024-Q1"}, every) == [["2023-Q4", "2024-Q1"], ["2024-Q3"]]
