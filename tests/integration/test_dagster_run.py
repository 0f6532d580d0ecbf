"""One run, three doors: the command line, the schedule and the Dagster UI do the same, and say the same."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import great_expectations.expectations as gxe
import pytest
from typer.testing import CliRunner

from expectations import mart_compliance
from expectations.facts import RunFacts
from expectations.facts import check as named
from pipelines.build import ledger
from pipelines.cli.app import app
from pipelines.definitions import build_definitions
from pipelines.defs.assets.models import CANDIDATE
from pipelines.defs.follow_up import FOLLOWS_TAG, WITHOUT_TAG
from pipelines.defs.in_process import QUIET
from pipelines.defs.instance import COMMAND_TAG, dagster_instance
from pipelines.defs.jobs import JOB_NAME
from pipelines.defs.partitions import range_tags
from pipelines.defs.resources import HomeResource
from pipelines.defs.schedules import closed_windows
from pipelines.publish.releases import Releases
from pipelines.registry.gate_checks import GateCheck, required_checks
from pipelines.settings import PROJECT_DIR, Settings
from tests.integration.dagster_ui import daemon, dagster, surroundings
from tests.integration.home import (
    NOW,
    document,
    judged_by,
    open_gate,
    published,
    put,
    query,
    settings_of,
    without_dbt,
)
from tests.integration.test_breakers import send as send_indexes

pytestmark = [pytest.mark.dbt, pytest.mark.history]
RANGE = "2022-Q4..2023-Q2"
FIRST, SILENT, LAST = "2022-Q4", "2023-Q1", "2023-Q2"


@dataclass(frozen=True, slots=True)
class Said:
    """What a run said: exit code, standard output and error, and the result for machines."""

    code: int
    out: str
    err: str
    json: dict[str, Any] = field(default_factory=dict)


def run(settings: Settings, periods: str, *options: str, sources: Path | None = None) -> Said:
    """``spm run``, in this process."""
    file = str(sources or settings.sources_file)
    result = CliRunner().invoke(
        app, ["run", periods, "--sources", file, "--home", str(settings.home), *options]
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    found = json.loads(result.stdout) if "--json" in options and result.stdout.startswith("{") else {}
    return Said(result.exit_code, result.stdout, result.stderr, found)


def send(settings: Settings, period: str, realised: int, name: str) -> None:
    """Lay a region's report into the inbox, received later than those before it."""
    row = {
        "record": "achievement",
        "region": "64.71",
        "period": period,
        "service": "K-PEND-01",
        "component": "recipients",
        "target": "100",
        "realised": str(realised),
    }
    received = datetime(2025, 1, 10, 3, realised % 60, tzinfo=UTC)
    put(settings.home.parent / "inbox" / f"{name}-{period}.csv", document([row]), received)


@contextmanager
def closed_gate(period: str) -> Iterator[None]:
    """While inside, the last check of compliance fails for ``period``; no other suite is asked."""
    whole: Callable[[RunFacts], list[gxe.Expectation]] = mart_compliance.expectations
    wrong = gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"select region_code, period from {{batch}} where period = '{period}'",
        meta=named("CO-005"),
    )
    with pytest.MonkeyPatch.context() as patch, judged_by("mart_compliance"):
        patch.setattr(mart_compliance, "expectations", lambda facts: [*whole(facts)[:-1], wrong])
        yield


def launched(settings: Settings, first: str, last: str) -> list[dg.ExecuteInProcessResult]:
    """A run over a range as the UI launches it, then each run that a sensor asks for when one fails."""
    definitions = build_definitions(settings)
    sensors = [
        sensor
        for sensor in definitions.get_repository_def().sensor_defs
        if isinstance(sensor, dg.RunStatusSensorDefinition)
    ]
    requests = [dg.RunRequest(job_name=JOB_NAME, tags=range_tags([first, last]))]
    results = []
    with dg.DagsterInstance.ephemeral() as instance:
        for request in requests:  # grows while it is walked
            job = definitions.resolve_job_def(request.job_name or JOB_NAME)
            result = job.execute_in_process(
                tags=request.tags, instance=instance, raise_on_error=False, run_config=QUIET
            )
            results.append(result)
            for failed in (event for event in result.all_events if event.is_job_failure):
                for sensor in sensors:
                    context = dg.build_run_status_sensor_context(
                        sensor.name, failed, instance, result.dagster_run
                    )
                    asked = sensor(context.for_run_failure())
                    requests += [asked] if isinstance(asked, dg.RunRequest) else []
    return results


def named_check(check_id: str) -> GateCheck:
    (found,) = (check for check in required_checks() if check.check_id == check_id)
    return found


def percents(settings: Settings) -> dict[str, int]:
    """The one reported percent of each published period."""
    rows = published(settings, "fct_indicator")
    return {row["period"]: int(row["percent"]) for row in rows if row["status"] == "reported"}


@dataclass(frozen=True, slots=True)
class Story:
    """A home after a good range, a range with one closed gate, and that period alone."""

    settings: Settings
    good: Said
    after_good: dict[str, int]
    mixed: Said
    after_mixed: dict[str, int]
    lone: Said
    after_lone: dict[str, int]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    settings = settings_of(tmp_path_factory.mktemp("run"))
    for period in (FIRST, LAST):
        send(settings, period, 10, "a")
    good = run(settings, RANGE, "--json")
    after_good = percents(settings)
    for period in (FIRST, LAST):
        send(settings, period, 20, "b")
    # the first run built by dbt; what is asked of these is what a closed gate leads to
    with without_dbt(), closed_gate(FIRST):
        mixed = run(settings, RANGE, "--json")
        after_mixed = percents(settings)
        lone = run(settings, FIRST)
    return Story(settings, good, after_good, mixed, after_mixed, lone, percents(settings))


def events(settings: Settings, run_id: str) -> list[dg.DagsterEvent]:
    """What the Dagster UI shows of a run that was recorded."""
    with dagster_instance(settings.home) as instance:
        logged = instance.all_logs(run_id)
    return [entry.dagster_event for entry in logged if entry.dagster_event is not None]


def backfill(settings: Settings, periods: Sequence[str]) -> None:
    """Ask for partitions of the job, as its page in the UI does."""
    repository = {"repositoryName": "__repository__", "repositoryLocationName": "spm"}
    partitions = {"partitionSetName": f"{JOB_NAME}_partition_set", "repositorySelector": repository}
    done = subprocess.run(
        dagster(
            "dagster-graphql",
            "-t",
            "mutation ($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params)"
            " { __typename ... on PythonError { message } } }",
            "-v",
            json.dumps({"params": {"selector": partitions, "partitionNames": list(periods)}}),
        ),
        cwd=PROJECT_DIR,
        env=surroundings(settings),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "LaunchBackfillSuccess" in done.stdout, done.stdout + done.stderr


def checks(settings: Settings, run_id: str, name: str, period: str | None = None) -> dict[str, Any]:
    """The check of a name on each asset, for a period where it is by period, as the event log holds it."""
    said = [
        event.asset_check_evaluation_data
        for event in events(settings, run_id)
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    return {
        found.asset_key.path[-1]: found
        for found in said
        if found.check_name == name and found.partition == period
    }


def materialised(settings: Settings, run_id: str, period: str | None = None) -> dict[str, Any]:
    """What a run told that it made of a period, by asset."""
    return {
        event.asset_key.to_user_string(): event.step_materialization_data.materialization
        for event in events(settings, run_id)
        if event.is_step_materialization and event.asset_key is not None and event.partition == period
    }


class TestARange:
    """One run over a range: the gate is each period's own."""

    def test_publishes_its_periods_and_skips_those_without_a_row(self, story: Story) -> None:
        assert story.good.code == 0
        assert story.good.json["published"] == [FIRST, LAST]
        assert story.good.json["skipped"] == [SILENT]
        assert story.good.json["closed"] == {}
        assert story.after_good == {FIRST: 10, LAST: 10}

    def test_publishes_the_periods_that_pass_and_names_the_one_that_does_not(self, story: Story) -> None:
        assert story.mixed.code == 1
        assert story.mixed.json["published"] == [LAST]
        assert story.mixed.json["closed"] == {FIRST: ["CO-005"]}
        assert story.mixed.json["skipped"] == [SILENT]

    def test_leaves_what_was_published_of_the_closed_period(self, story: Story) -> None:
        assert story.after_mixed == {FIRST: 10, LAST: 20}
        manifest = Releases(story.settings.published).current()
        assert manifest is not None
        assert manifest.content.periods == [FIRST, LAST]

    def test_shows_the_closing_check_with_its_rows_and_publishes_nothing_of_that_build(
        self, story: Story
    ) -> None:
        run_id = story.mixed.json["run_id"]
        shown = checks(story.settings, run_id, "gate", FIRST)["mart_compliance"]
        assert not shown.passed
        assert shown.severity == dg.AssetCheckSeverity.ERROR
        assert shown.metadata["closing"].value.startswith("CO-005: Setiap daerah")
        assert all(found.passed for found in checks(story.settings, run_id, "gate", LAST).values())
        rows = [record.data for record in shown.metadata["failing rows"].records]
        assert {row["check"] for row in rows} == {"CO-005"}
        assert str(rows[0]["row"]).startswith("Kode daerah: Aceh (11); ")
        for period in (None, FIRST, SILENT, LAST):
            made = materialised(story.settings, run_id, period)
            assert not [key for key in made if key.split("/")[0] in {"marts", "published"}]

    def test_publishes_what_passed_by_a_run_that_the_ui_shows(self, story: Story) -> None:
        (follow_up,) = story.mixed.json["follow_ups"]
        with dagster_instance(story.settings.home) as instance:
            first, second = map(instance.get_run_by_id, (story.mixed.json["run_id"], follow_up))
        assert first is not None
        assert second is not None
        assert (first.status, second.status) == (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS)
        assert second.tags[FOLLOWS_TAG] == first.run_id
        assert second.tags[WITHOUT_TAG] == FIRST
        made = materialised(story.settings, follow_up, LAST)
        assert made["published/release"].metadata["published"].value == [LAST]
        assert not [key for key in made if key.startswith("sources/")]
        assert made["marts/mart_compliance"].metadata["release"].value == story.mixed.json["release_id"]
        # the quarter whose gate closed is told of by the check alone, and stays closed
        assert not materialised(story.settings, follow_up, FIRST)
        still = checks(story.settings, follow_up, "gate", FIRST)
        assert [name for name, found in still.items() if not found.passed] == ["mart_compliance"]
        (said,) = checks(story.settings, follow_up, "every_period").values()
        assert (said.passed, said.metadata["closed"].value) == (False, [FIRST])

    def test_stands_in_the_code_location_of_the_workspace_and_is_left_alone_by_its_sensors(
        self, story: Story
    ) -> None:
        """So that the UI can execute it again: Dagster looks for its job there."""
        run_id = story.mixed.json["run_id"]
        (failed,) = (event for event in events(story.settings, run_id) if event.is_job_failure)
        sensors = build_definitions(story.settings).get_repository_def().sensor_defs
        (closed_gates,) = (one for one in sensors if isinstance(one, dg.RunStatusSensorDefinition))
        with dagster_instance(story.settings.home) as instance:
            run = instance.get_run_by_id(run_id)
            assert run is not None
            in_place = {
                one.run_id for one in instance.get_runs(dg.RunsFilter(tags={"dagster/code_location": "spm"}))
            }
            context = dg.build_run_status_sensor_context(closed_gates.name, failed, instance, run)
            said = closed_gates(context.for_run_failure())
            # a run that executes another again has taken over its tags
            again = dg.DagsterRun(run.job_name, run_id, tags={**run.tags, COMMAND_TAG: "its parent"})
            context = dg.build_run_status_sensor_context(closed_gates.name, failed, instance, again)
            asked = closed_gates(context.for_run_failure())
        assert run.remote_job_origin is not None
        assert run.remote_job_origin.repository_origin.get_label() == "__repository__@spm"
        assert run.remote_job_origin.job_name == JOB_NAME
        assert {run_id, *story.mixed.json["follow_ups"]} <= in_place
        assert isinstance(said, dg.SkipReason)
        assert isinstance(asked, dg.RunRequest)

    def test_keeps_the_rows_that_closed_the_gate(self, story: Story) -> None:
        (check,) = story.mixed.json["closing"]
        assert (check["period"], check["check_id"]) == (FIRST, "CO-005")
        assert check["sentence_id"] == named_check("CO-005").sentence_id
        assert len(check["rows"]) == 20
        (page,) = map(Path, story.mixed.json["pages"])
        assert page.parent == story.settings.closed
        assert json.loads(page.with_suffix(".json").read_text()) == [check]

    def test_that_runs_backwards_is_bad_usage(self, story: Story) -> None:
        said = run(story.settings, "2023-Q2..2022-Q4")
        assert said.code == 2
        assert "2022-Q4..2023-Q2" in said.err


class TestALonePeriod:
    def test_whose_gate_closes_names_the_check_and_changes_nothing(self, story: Story) -> None:
        assert story.lone.code == 1
        assert f"{FIRST}: gerbang tertutup / gate closed: CO-005" in story.lone.out
        assert f"  CO-005 {named_check('CO-005').sentence_id}\n" in story.lone.out
        assert "Kode daerah: Aceh (11); Periode: 2022-Q4\n" in story.lone.out
        assert f"rincian / details: {story.settings.closed}/{FIRST}-" in story.lone.out
        assert story.after_lone == story.after_mixed

    def test_for_which_nothing_was_received_says_so(self, story: Story) -> None:
        said = run(story.settings, "2020-Q4")
        assert said.code == 4
        assert said.err.strip().splitlines()[-1].startswith("spm: 2020-Q4: tidak ada satu baris pun")
        assert percents(story.settings) == story.after_lone


class TestASource:
    def test_that_cannot_be_reached_is_exit_3_and_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("pipelines.sources.files.fetching.FIRST_PAUSE_SECONDS", 0.01)
        sources = tmp_path / "sources.yaml"
        sources.write_text("sources:\n- {name: far, kind: csv, path: 'http://127.0.0.1:9/rows.csv'}\n")
        said = run(Settings(tmp_path / "home"), FIRST, sources=sources)
        assert said.code == 3
        assert "127.0.0.1:9" in said.err.strip().splitlines()[-1]
        assert not (tmp_path / "home" / "published" / "current").exists()

    @pytest.mark.parametrize(
        ("text", "named_key"),
        [
            ("sources:\n- {name: a, kind: csv, path: x.csv, pth: y.csv}\n", "pth"),
            ("source: []\n", "sources:"),
        ],
    )
    def test_with_an_unknown_key_is_one_line_and_exit_2(
        self, text: str, named_key: str, tmp_path: Path
    ) -> None:
        sources = tmp_path / "sources.yaml"
        sources.write_text(text)
        said = run(Settings(tmp_path / "home"), FIRST, sources=sources)
        assert said.code == 2
        assert len(said.err.strip().splitlines()) == 1
        assert f"'{named_key}'" in said.err


class TestTheEventLog:
    def test_holds_the_gate_of_every_judged_mart_and_period(self, story: Story) -> None:
        for period in (FIRST, LAST):
            shown = checks(story.settings, story.good.json["run_id"], "gate", period)
            shown |= checks(story.settings, story.good.json["run_id"], "gate")
            assert set(shown) == {check.table_name for check in required_checks()}
            assert all(found.passed for found in shown.values())
            assert all(found.metadata["checks run"].value > 1 for found in shown.values())
            # two regions of 546 are few: said, and published all the same
            assert "RG-101" in shown["mart_region_score"].metadata["warnings"].value
        assert not checks(story.settings, story.good.json["run_id"], "gate", SILENT)
        # awards look at every period: one verdict
        assert "mart_award" in checks(story.settings, story.good.json["run_id"], "gate")

    def test_tells_of_published_periods_with_the_rows_of_each(self, story: Story) -> None:
        run_id = story.good.json["run_id"]
        made = materialised(story.settings, run_id, FIRST)
        regions = query(
            "select count(*) as rows from read_parquet($path) where period = $period",
            path=str(story.settings.published / "current" / "mart_region_score.parquet"),
            period=FIRST,
        )
        assert made["marts/mart_region_score"].metadata["dagster/row_count"].value == regions[0]["rows"]
        release = made["published/release"].metadata
        assert release["release"].value == story.good.json["release_id"]
        assert 0 <= release["index national"].value <= 100
        assert release["seconds of models"].value > 0
        # of a period without a row: that the source was asked
        assert set(materialised(story.settings, run_id, SILENT)) == {"sources/inbox"}
        # of what is not by period once
        whole = materialised(story.settings, run_id)
        assert whole["marts/dim_region"].metadata["dagster/row_count"].value > 500

    def test_tells_how_long_each_model_took_and_what_tests_found(self, story: Story) -> None:
        run_id = story.good.json["run_id"]
        table = materialised(story.settings, run_id, LAST)["build/candidate"].metadata["each model"]
        rows = {record.data["table"]: record.data for record in table.records}
        assert rows["marts/mart_region_score"]["rows"] > 1000
        assert rows["intermediate/int_scores__regions"]["seconds"] > 0
        (tests,) = checks(story.settings, run_id, "tests").values()
        assert tests.passed
        assert tests.metadata["tests run"].value > 100

    def test_is_short(self, story: Story) -> None:
        # what a run costs beside its work is, for the most, these
        assert len(events(story.settings, story.good.json["run_id"])) < 400


class TestAHistoryThatCannotBeOpened:
    def test_stops_no_run_and_is_told_in_a_line(self, tmp_path: Path) -> None:
        settings = settings_of(tmp_path)
        send(settings, FIRST, 10, "a")
        history = settings.home / "dagster" / "history"
        history.mkdir(parents=True)
        (history / "runs.db").write_bytes(b"no database" * 1000)
        with without_dbt(), open_gate():
            said = run(settings, FIRST, "--json")
        assert said.code == 0, said.err
        assert said.json["published"] == [FIRST]
        (line,) = [line for line in said.err.splitlines() if "tidak tercatat" in line]
        assert "file is not a database" in line


class TestTheSchedule:
    @pytest.fixture
    def tick(self, tmp_path: Path) -> Callable[[datetime], Any]:
        """What the schedule asks for at an instant."""
        repository = build_definitions(Settings(tmp_path)).get_repository_def()

        def tick(instant: datetime) -> Any:
            with dg.build_schedule_context(
                scheduled_execution_time=instant,
                repository_def=repository,
                resources={"home": HomeResource(path=str(tmp_path))},
            ) as context:
                return closed_windows.evaluate_tick(context)

        return tick

    def test_a_window_of_the_home_closes_as_one_of_the_seeds_does(
        self, tick: Callable[[datetime], Any], tmp_path: Path
    ) -> None:
        windows = tmp_path / "registry" / "reporting_windows.csv"
        windows.parent.mkdir()
        windows.write_text("period,closes_on,extended_to,status,note\n2027-Q1,2027-04-25,,announced,\n")
        found = tick(datetime(2027, 4, 25, 18, tzinfo=UTC))
        assert found.run_requests is not None
        assert [request.partition_key for request in found.run_requests] == ["2027-Q1"]

    def test_runs_a_period_on_the_night_after_its_window_closed(
        self, tick: Callable[[datetime], Any]
    ) -> None:
        found = tick(datetime(2025, 1, 20, 18, tzinfo=UTC))  # 01:00 on the 21st in Jakarta
        assert found.run_requests is not None
        assert [request.partition_key for request in found.run_requests] == ["2024-Q4"]
        assert found.run_requests[0].run_key == "2024-Q4-2025-01-20"

    def test_skips_any_other_night_and_says_why(self, tick: Callable[[datetime], Any]) -> None:
        found = tick(datetime(2025, 1, 19, 18, tzinfo=UTC))
        assert not found.run_requests
        assert found.skip_message == "no reporting window closed on 2025-01-19"

    def test_catches_up_with_a_night_on_which_dagster_was_down(
        self, tmp_path: Path, tick: Callable[[datetime], Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        three_nights_later = datetime(2025, 1, 23, 18, tzinfo=UTC)
        found = tick(three_nights_later)
        assert [request.run_key for request in found.run_requests] == ["2024-Q4-2025-01-20"]
        # a run that began since is what the night would have asked for, however it ended
        monkeypatch.setattr(Settings, "wall_clock", lambda _: datetime(2025, 1, 21, 3, tzinfo=UTC))
        ledger.begin(Settings(tmp_path), "0" * 36, "UI", 1, ["2024-Q4"], None)
        assert not tick(three_nights_later).run_requests


class TestTheUI:
    """Runs that somebody puts together by hand."""

    def chosen(self, settings: Settings, *keys: dg.AssetKey) -> tuple[bool, set[str]]:
        """Materialise these assets alone: whether that succeeded, and what was told of the period."""
        with dg.DagsterInstance.ephemeral() as instance, without_dbt(), open_gate():
            job = build_definitions(settings).resolve_job_def(JOB_NAME)
            result = job.execute_in_process(
                instance=instance, partition_key=LAST, asset_selection=[*keys], raise_on_error=False
            )
        told = [event.asset_key for event in result.all_events if event.is_step_materialization]
        return result.success, {key.path[0] for key in told if key is not None}

    def test_the_release_alone_is_a_run_of_what_was_received(self, story: Story) -> None:
        assert self.chosen(story.settings, dg.AssetKey(["published", "release"])) == (
            True,
            {"landing", "build", "marts", "published"},
        )

    def test_the_candidate_alone_is_a_trial(self, story: Story) -> None:
        before = Releases(story.settings.published).ids()
        assert self.chosen(story.settings, CANDIDATE) == (True, {"landing", "build"})
        assert Releases(story.settings.published).ids() == before

    @pytest.mark.slow
    def test_a_backfill_with_a_closed_gate_is_followed_by_a_run_of_what_passed(self, tmp_path: Path) -> None:
        settings = settings_of(tmp_path)
        quarters = ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
        for period, index in zip(quarters, (30, 5, 66, 85), strict=True):
            send_indexes(tmp_path, period, index)
        with dagster_instance(settings.home) as instance, daemon(settings):
            backfill(settings, quarters)
            until = time.monotonic() + 900
            while not (followed := [run for run in instance.get_runs() if FOLLOWS_TAG in run.tags]) or not (
                followed[0].is_finished
            ):
                assert time.monotonic() < until, [(run.job_name, run.status) for run in instance.get_runs()]
                time.sleep(5)
            (first,) = (run for run in instance.get_runs() if run.run_id == followed[0].tags[FOLLOWS_TAG])
        assert (first.status, followed[0].status) == (
            dg.DagsterRunStatus.FAILURE,
            dg.DagsterRunStatus.SUCCESS,
        )
        assert first.tags["dagster/backfill"]
        assert followed[0].tags[WITHOUT_TAG] == "2024-Q2"
        manifest = Releases(settings.published).current()
        assert manifest is not None
        assert manifest.content.periods == ["2024-Q1", "2024-Q3", "2024-Q4"]

    def test_dagster_finds_the_definitions_through_the_workspace(self, tmp_path: Path) -> None:
        done = subprocess.run(
            dagster("dagster", "definitions", "validate"),
            cwd=PROJECT_DIR,
            env=surroundings(settings_of(tmp_path)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert "All code locations passed validation" in done.stderr + done.stdout

    def test_definitions_without_a_sources_file_have_no_source(self, tmp_path: Path) -> None:
        keys = build_definitions(Settings(tmp_path, now=NOW)).resolve_asset_graph().get_all_asset_keys()
        assert {key.path[0] for key in keys} == {
            "landing",
            "build",
            "registry",
            "staging",
            "intermediate",
            "all_periods",
            "marts",
            "published",
        }
