"""One writer at a time, and whatever ends it: the old release stays readable, the next run leaves no debris.

The long version, with hundreds of kills, is ``make chaos`` (``tests/chaos``).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.build.leftovers import sweep
from pipelines.cli.app import app
from pipelines.definitions import build_definitions
from pipelines.defs.instance import dagster_instance
from pipelines.defs.jobs import JOB_NAME
from pipelines.defs.resources import HomeResource
from pipelines.defs.sensors import new_documents
from pipelines.errors import ExitCode, expected
from pipelines.publish.releases import Releases
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.storage.lock import one_writer
from pipelines.warehouse import dbt
from tests.chaos.homes import current
from tests.integration.home import document, put, settings_of

PERIOD = "2024-Q4"
pytestmark = [pytest.mark.dbt, pytest.mark.history]
KILLS = ("--random", "2", "--named", "0", "--publishing", "1")
KILLED_AMONG_MODELS = """
import os, sys
from pipelines.cli.app import app
noted = 0
def hear(event, arguments):
    global noted
    if event == "open" and str(arguments[0]).endswith("/done.ndjson") and arguments[1] == "a":
        noted += 1
        if noted == 41:
            os.kill(os.getpid(), 9)
sys.addaudithook(hear)
app(sys.argv[1:])
"""
READINGS = ("--releases", "2", "--reads", "40")
FAULTS = ("--random", "0", "--named", "0", "--publishing", "0", "--releases", "0", "--faults", "few")


@pytest.mark.slow
def test_kills_leave_the_old_release_or_the_new_one_for_all_readers(tmp_path: Path) -> None:
    said = chaos(tmp_path, *KILLS, *READINGS, "--faults", "none")
    assert "\n2 kills: torn releases 0;" in said
    assert "\n7 kills: torn releases 0;" in said


@pytest.mark.slow
def test_a_full_disk_and_a_lack_of_memory_leave_them_too(tmp_path: Path) -> None:
    chaos(tmp_path, *FAULTS)


def chaos(folder: Path, *arguments: str) -> str:
    """What the long test says of a short programme; nothing was wrong, and nothing is left."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *arguments, "--folder", str(folder)],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(folder.iterdir()) == []
    return done.stdout


class TestASecondWriter:
    @pytest.fixture
    def busy(self, tmp_path: Path) -> Iterator[Settings]:
        """A home in which a run is at work, with a document that waits."""
        settings = settings_of(tmp_path)
        put(tmp_path / "inbox" / "rows.csv", document([]))
        with one_writer(settings.home, "spm run 2023-Q1..2023-Q4"):
            yield settings

    @pytest.mark.parametrize("command", [["run", PERIOD], ["demo"]])
    def test_is_told_who_holds_the_home_and_harms_nothing(self, busy: Settings, command: list[str]) -> None:
        before = sorted(busy.home.rglob("*"))
        options = ["--sources", str(busy.sources_file)] if command[0] == "run" else []
        said = CliRunner().invoke(app, [*command, *options, "--home", str(busy.home)])
        assert said.exit_code == 3
        (line,) = said.stderr.strip().splitlines()
        assert f"spm run 2023-Q1..2023-Q4, pid {os.getpid()} @ " in line
        assert "sedang ditulis oleh " in line
        assert sorted(busy.home.rglob("*")) == before

    def test_that_is_a_run_of_dagster_fails_with_the_same_line(
        self, busy: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("pipelines.defs.resources.WAIT_SECONDS", 0)
        result = (
            build_definitions(busy)
            .resolve_job_def(JOB_NAME)
            .execute_in_process(
                partition_key=PERIOD, raise_on_error=False, instance=dg.DagsterInstance.ephemeral()
            )
        )
        assert not result.success
        said = [str(event.job_failure_data.error) for event in result.all_events if event.is_job_failure]
        assert f"pid {os.getpid()} @ " in said[0]
        assert not list(busy.work.glob("*"))

    def test_that_is_a_tick_of_the_sensor_skips_and_says_why(self, busy: Settings) -> None:
        home = HomeResource(path=str(busy.home), sources_file=str(busy.sources_file))
        with dg.build_sensor_context(resources={"home": home}) as context:
            (said,) = new_documents(context)
        assert isinstance(said, dg.SkipReason)
        assert f"pid {os.getpid()} @ " in str(said.skip_message)
        assert not busy.raw.exists()

    def test_goes_on_once_the_first_is_dead(self, tmp_path: Path) -> None:
        holds = (
            "from pipelines.storage.lock import one_writer as w; from pathlib import Path; import os, sys\n"
        )
        holds += "with w(Path(sys.argv[1]), 'x'): os.kill(os.getpid(), 9)"
        killed = subprocess.run([sys.executable, "-c", holds, str(tmp_path)], cwd=PROJECT_DIR, check=False)
        assert killed.returncode == -9
        with one_writer(tmp_path, "the next"):
            pass


class TestARunOfDagsterThatDied:
    def test_is_recorded_as_failed_and_frees_its_pool(self, tmp_path: Path) -> None:
        settings = settings_of(tmp_path)
        (tmp_path / "inbox").mkdir()
        with dagster_instance(settings.home) as instance:
            job = build_definitions(settings).resolve_job_def(JOB_NAME)
            dead = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED).run_id
            instance.event_log_storage.set_concurrency_slots("warehouse", 1)
            instance.event_log_storage.claim_concurrency_slot("warehouse", dead, "models")
        (settings.work / dead).mkdir(parents=True)
        # nothing was received: the run ends before it builds anything
        said = CliRunner().invoke(
            app, ["run", PERIOD, "--sources", str(settings.sources_file), "--home", str(settings.home)]
        )
        assert said.exit_code == ExitCode.NOTHING_RECEIVED, said.output
        with dagster_instance(settings.home) as instance:
            found = instance.get_run_by_id(dead)
            assert found is not None
            assert found.status == dg.DagsterRunStatus.FAILURE
            assert instance.event_log_storage.get_concurrency_info("warehouse").active_slot_count == 0
        assert not list(settings.work.iterdir())


class TestARunThatWasStoppedAmongItsModels:
    @pytest.fixture
    def stopped(self, tmp_path: Path) -> Settings:
        """A home whose first run was killed when 40 models and tests were done."""
        settings = settings_of(tmp_path)
        put(tmp_path / "inbox" / "rows.csv", document([_row("64.71")]))
        killed = subprocess.run(
            [sys.executable, "-c", KILLED_AMONG_MODELS, *_run(settings)], cwd=PROJECT_DIR, check=False
        )
        assert killed.returncode == -9
        return settings

    def test_is_gone_on_with(self, stopped: Settings) -> None:
        # counted, not known: the kill may come between the other thread's opening and its line
        (noted,) = stopped.work.glob("*/done.ndjson")
        lines = noted.read_text().count("\n")
        assert lines >= 39
        _, said = _finish(stopped)
        assert f"resuming, done already: {lines}\n" in said, said
        assert not list(stopped.work.iterdir())

    @pytest.mark.slow
    def test_ends_in_the_release_of_a_run_that_nobody_stopped(self, stopped: Settings) -> None:
        release, _ = _finish(stopped)
        assert _finish(replace(stopped, home=stopped.home.parent / "anew"))[0] == release

    @pytest.mark.slow
    def test_begins_anew_where_another_document_came(self, stopped: Settings) -> None:
        put(stopped.home.parent / "inbox" / "more.csv", document([_row("64.72")]))
        release, said = _finish(stopped)
        assert "resuming" not in said
        assert not list(stopped.work.iterdir())
        assert _finish(replace(stopped, home=stopped.home.parent / "anew"))[0] == release


def _row(region: str) -> dict[str, str]:
    numbers = {"target": "100", "realised": "90"}
    return {
        "record": "achievement",
        "region": region,
        "period": PERIOD,
        "service": "K-PEND-01",
        "component": "recipients",
    } | numbers


def _run(settings: Settings) -> list[str]:
    return ["run", PERIOD, "--sources", str(settings.sources_file), "--home", str(settings.home)]


def _finish(settings: Settings) -> tuple[str, str]:
    said = CliRunner().invoke(app, _run(settings))
    assert said.exit_code == 0, said.output
    return current(settings.home), said.stderr


class TestTheSweep:
    def test_leaves_the_files_of_a_report_that_is_at_work(self, tmp_path: Path) -> None:
        gone = subprocess.Popen(["true"])
        gone.wait()
        folder = tmp_path / "reports" / "r0001" / "feedback"
        folder.mkdir(parents=True)
        live, dead = (folder / f".64.71.xlsx.{pid}.partial" for pid in (os.getpid(), gone.pid))
        for path in (live, dead):
            path.touch()
        sweep(Settings(tmp_path))
        assert (live.exists(), dead.exists()) == (True, False)

    def test_names_the_runs_that_died_but_not_the_one_that_starts(self, tmp_path: Path) -> None:
        for run_id in ("starts", "died"):
            (tmp_path / "work" / run_id).mkdir(parents=True)
        assert sweep(Settings(tmp_path), "starts") == ["died"]
        assert [path.name for path in (tmp_path / "work").iterdir()] == ["starts"]


def test_a_release_that_never_became_current_is_not_listed_and_cannot_be_rolled_back_to(
    tmp_path: Path,
) -> None:
    releases = Releases(tmp_path / "published")
    folder = releases.place("r0002-0123456789ab")
    folder.mkdir(parents=True)
    (folder / "manifest.json").touch()
    (releases.root / ".publishing").write_text(folder.name)
    assert releases.ids() == []
    with releases.writing():
        assert not folder.exists()
    assert not (releases.root / ".publishing").exists()


def test_a_manifest_that_dbt_wrote_by_half_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = tmp_path / "manifest.json"
    torn.write_text('{"nodes": {"model.spm.a": {')
    monkeypatch.setattr(dbt, "MANIFEST_PATH", torn)
    monkeypatch.setattr(dbt, "_project_changed_at", lambda: 0.0)
    monkeypatch.setattr(dbt, "_parse", lambda: torn.write_text('{"nodes": {}}'))
    assert dbt.manifest.__wrapped__() == {"nodes": {}}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "/home/raw/x"), "penyimpanan penuh / the disk is full"),
        (PermissionError(13, "Permission denied", "/home"), "tidak boleh atau tidak dapat ditulis"),
        (OSError(30, "Read-only file system", "/home"), "tidak boleh atau tidak dapat ditulis"),
        (MemoryError(), "memori habis / out of memory"),
    ],
)
def test_what_the_machine_refuses_is_one_line_and_exit_3(error: Exception, said: str) -> None:
    known = expected(error)
    assert known is not None
    assert known.exit_code == ExitCode.UNAVAILABLE
    assert str(known).startswith(said)
    assert "\n" not in str(known)


def test_an_error_of_ours_keeps_its_traceback() -> None:
    assert expected(FileNotFoundError(2, "No such file or directory", "x")) is None
    assert expected(KeyError("x")) is None


def test_the_words_of_a_full_disk_in_another_error_are_a_bug() -> None:
    assert expected(ValueError("No space left on device")) is None
    assert expected(duckdb.IOException("IO Error: No space left on device")) is not None
