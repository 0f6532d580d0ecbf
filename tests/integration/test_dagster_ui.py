"""What the Dagster UI shows and offers: asked of a real webserver, and looked at in Chromium."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from pipelines.build import steps
from pipelines.build.record import RunOutcome
from pipelines.definitions import build_definitions
from pipelines.defs.in_process import run_periods
from pipelines.publish.candidate import Candidate
from pipelines.quality.verdicts import PeriodVerdict, Verdict
from pipelines.settings import Settings
from tests.integration.dagster_ui import ask, daemon, webserver
from tests.integration.home import document, passed, put, settings_of, without_dbt

pytestmark = [pytest.mark.slow, pytest.mark.history]
CLOSED, GOOD = "2024-Q3", "2024-Q4"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LOCATION = {"repositoryName": "__repository__", "repositoryLocationName": "spm"}


@dataclass(frozen=True, slots=True)
class UI:
    """A home after a run of the command line whose gate closed for one of two quarters, and its UI."""

    settings: Settings
    outcome: RunOutcome
    address: str

    def asset(self, fields: str, *key: str) -> Mapping[str, Any]:
        query = "query ($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {"
        query += f" {fields} }} }} }}"
        found: Mapping[str, Any] = ask(self.address, query, key={"path": key})["assetNodeOrError"]
        return found

    def finished(self, run_id: str) -> Mapping[str, Any]:
        """The run once it has ended."""
        query = """query ($id: ID!) { runOrError(runId: $id) { ... on Run { status stepKeysToExecute
            eventConnection { events { __typename ... on ExecutionStepFailureEvent { stepKey
              failureMetadata { description } } } } } } }"""
        until = time.monotonic() + 300
        while True:
            found: Mapping[str, Any] = ask(self.address, query, id=run_id)["runOrError"]
            if found["status"] in {"SUCCESS", "FAILURE", "CANCELED"}:
                return found
            assert time.monotonic() < until, found["status"]
            time.sleep(2)


def _close_one(candidate: Candidate) -> list[PeriodVerdict]:
    failed = Verdict("CO-005", "mart_compliance", "fatal", "fail", failing_rows=[{"region_code": "64.71"}])
    return [
        replace(one, verdicts=[failed, *one.verdicts]) if one.period == CLOSED else one
        for one in passed(candidate)
    ]


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UI]:
    settings = settings_of(tmp_path_factory.mktemp("ui"))
    for period in (CLOSED, GOOD):
        row = {"record": "achievement", "region": "64.71", "period": period, "service": "K-PEND-01"}
        row |= {"component": "recipients", "target": "100", "realised": "10"}
        put(settings.home.parent / "inbox" / f"{period}.csv", document([row]))
    with pytest.MonkeyPatch.context() as patch, without_dbt():
        patch.setattr(steps, "judge", _close_one)
        outcome = run_periods(build_definitions, settings, [CLOSED, GOOD])
    assert outcome.published == [GOOD]
    with webserver(settings) as address, daemon(settings):
        yield UI(settings, outcome, address)


def _failures(run: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    events = run["eventConnection"]["events"]
    failed = [event for event in events if event["__typename"] == "ExecutionStepFailureEvent"]
    return [(event["stepKey"], event["failureMetadata"]["description"]) for event in failed]


def test_a_run_of_the_command_line_is_in_the_list_of_runs(ui: UI) -> None:
    found = ask(ui.address, "{ runsOrError { ... on Runs { results { runId status jobName } } } }")
    runs = {run["runId"]: (run["jobName"], run["status"]) for run in found["runsOrError"]["results"]}
    (follow_up,) = ui.outcome.follow_ups
    assert runs == {
        ui.outcome.run_id: ("quarterly_run", "FAILURE"),
        follow_up: ("follow_up_run", "SUCCESS"),
    }


def test_a_quarter_is_green_where_it_is_published_and_red_where_its_gate_closed(ui: UI) -> None:
    latest = f'latestMaterializationByPartition(partitions: ["{CLOSED}", "{GOOD}"]) {{ runId }}'
    checks = 'assetCheckOrError(checkName: "gate") { ... on AssetCheck { partitionStatuses {'
    checks += " ... on AssetCheckDefaultPartitionStatuses { succeededPartitions failedPartitions } } } }"
    mart = ui.asset(f"isMaterializable {latest} {checks}", "marts", "mart_compliance")
    closed, good = mart["latestMaterializationByPartition"]
    assert closed is None
    assert good["runId"] == ui.outcome.follow_ups[0]
    statuses = mart["assetCheckOrError"]["partitionStatuses"]
    assert (statuses["failedPartitions"], statuses["succeededPartitions"]) == ([CLOSED], [GOOD])
    # drawn only: no button
    assert not mart["isMaterializable"]
    release = ui.asset(f"isMaterializable {latest}", "published", "release")
    assert release["isMaterializable"]
    assert release["latestMaterializationByPartition"][0] is None


def test_an_asset_says_whose_it_is_and_how_old_it_may_be(ui: UI) -> None:
    found = ui.asset(
        "description kinds owners { __typename } freshnessPolicy { __typename } tags { key value }",
        "sources",
        "inbox",
    )
    assert found["owners"]
    assert found["kinds"] == ["csv"]
    assert {"key": "kind", "value": "csv"} in found["tags"]


def test_what_is_launched_and_fails_says_why_in_a_line_and_can_be_executed_again(ui: UI) -> None:
    query = """mutation ($p: ExecutionParams!) { launchRun(executionParams: $p) { __typename
        ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
    params = {
        "selector": {**LOCATION, "jobName": "quarterly_run"},
        "mode": "default",
        "executionMetadata": {"tags": [{"key": "dagster/partition", "value": "2020-Q4"}]},
    }
    launched = ask(ui.address, query, p=params)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = launched["run"]["runId"]
    first = ui.finished(run_id)
    ((step, said),) = _failures(first)
    assert step == "build_and_publish"
    assert said.startswith("2020-Q4: tidak ada satu baris pun")
    assert len(said.splitlines()) == 1
    query = """mutation ($p: ReexecutionParams!) { launchRunReexecution(reexecutionParams: $p) { __typename
        ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
    again = ask(ui.address, query, p={"parentRunId": run_id, "strategy": "FROM_FAILURE"})
    assert again["launchRunReexecution"]["__typename"] == "LaunchRunSuccess", again
    second = ui.finished(again["launchRunReexecution"]["run"]["runId"])
    assert second["stepKeysToExecute"] == ["build_and_publish"]
    assert _failures(second) == [(step, said)]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_shows_the_release_and_finds_no_link_to_a_file(ui: UI, tmp_path: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{ui.address}/assets/published/release?view=partitions&partition={GOOD}")
        page.get_by_text(str(ui.outcome.release_id)).first.wait_for(timeout=120_000)
        links = page.eval_on_selector_all("a", "all => all.map(one => one.href)")
        browser.close()
    assert links
    assert not [link for link in links if link.startswith("file:")]


# from here on runs publish anew


def _again_of(ui: UI, parent: str, wait_seconds: int = 60) -> str:
    """The run that executes ``parent`` again, as soon as there is one."""
    query = "query ($f: RunsFilter) { runsOrError(filter: $f) { ... on Runs { results { runId } } } }"
    until = time.monotonic() + wait_seconds
    while True:
        tags = {"tags": [{"key": "dagster/parent_run_id", "value": parent}]}
        found = [run["runId"] for run in ask(ui.address, query, f=tags)["runsOrError"]["results"]]
        if found:
            return str(found[0])
        assert time.monotonic() < until, "no run"
        time.sleep(1)


@pytest.mark.parametrize("strategy", ["ALL_STEPS", "FROM_FAILURE"])
def test_a_run_of_the_command_line_is_executed_again(ui: UI, strategy: str) -> None:
    query = """mutation ($p: ReexecutionParams!) { launchRunReexecution(reexecutionParams: $p) { __typename
        ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
    asked = {"parentRunId": ui.outcome.run_id, "strategy": strategy}
    again = ask(ui.address, query, p=asked)["launchRunReexecution"]
    assert again["__typename"] == "LaunchRunSuccess", again
    ended = ui.finished(again["run"]["runId"])
    failed = {step for step, _ in _failures(ended)}
    assert (ended["status"], failed) == ("SUCCESS", set()), _failures(ended)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_executes_a_run_of_the_command_line_again(ui: UI) -> None:
    (follow_up,) = ui.outcome.follow_ups
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{ui.address}/runs/{follow_up}")
        page.get_by_role("button", name="Re-execute").first.click(timeout=120_000)
        again = _again_of(ui, follow_up)
        browser.close()
    assert ui.finished(again)["status"] == "SUCCESS"
