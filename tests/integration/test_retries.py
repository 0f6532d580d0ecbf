"""A run that failed for a reason that passes is asked for again, with a pause and a limit; no other is."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.build import ledger, steps
from pipelines.definitions import build_definitions
from pipelines.defs import retries
from pipelines.defs.assets import landing
from pipelines.defs.assets.stages import STEP
from pipelines.defs.in_process import QUIET
from pipelines.defs.instance import dagster_instance
from pipelines.defs.jobs import JOB_NAME
from pipelines.defs.partitions import range_tags
from pipelines.defs.resources import HomeResource
from pipelines.defs.sensors import new_documents
from pipelines.publish.pin import set_pin
from pipelines.publish.releases import Releases
from pipelines.settings import Settings, read_settings
from tests.integration.home import document, open_gate, put, settings_of, without_dbt

pytestmark = pytest.mark.open_gate

PERIOD = "2024-Q4"
ROW = {"record": "achievement", "region": "64.71", "period": PERIOD, "service": "K-PEND-01"}
ROW |= {"component": "recipients", "target": "100", "realised": "10"}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with a report in its inbox, as a process of Dagster finds it."""
    made = settings_of(tmp_path)
    put(tmp_path / "inbox" / "laporan.csv", document([ROW]))
    monkeypatch.setenv("SPM_HOME", str(made.home))
    monkeypatch.setenv("SPM_SOURCES", str(made.sources_file))
    return made


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def job() -> dg.JobDefinition:
    """The job as a process of Dagster loads it."""
    return build_definitions(read_settings()).resolve_job_def(JOB_NAME)


def launch(instance: dg.DagsterInstance, asked: dg.RunRequest | None = None, **arguments: Any) -> bool:
    """A run as a sensor asks for it, or the first one: whether it succeeded."""
    tags = dict(asked.tags) if asked else range_tags([PERIOD])
    with without_dbt(), open_gate():
        result = job().execute_in_process(
            tags=tags, instance=instance, raise_on_error=False, run_config=QUIET, **arguments
        )
    return result.success


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def tick(
    settings: Settings, instance: dg.DagsterInstance, later: timedelta = timedelta()
) -> list[dg.RunRequest | dg.SkipReason]:
    """What the sensor asks for, a while from now."""
    now = datetime.now(UTC) + later
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settings, "wall_clock", lambda _: now)
        return ticked(retries.failed_runs, settings, instance)


def ticked(
    sensor: dg.SensorDefinition, settings: Settings, instance: dg.DagsterInstance
) -> list[dg.RunRequest | dg.SkipReason]:
    home = HomeResource(path=str(settings.home), sources_file=str(settings.sources_file))
    with dg.build_sensor_context(instance=instance, resources={"home": home}) as context:
        found: Any = sensor(context)
        return list(found)


def requests(found: list[dg.RunRequest | dg.SkipReason]) -> list[dg.RunRequest]:
    return [one for one in found if isinstance(one, dg.RunRequest)]


def test_a_full_disk_at_night_is_published_in_the_morning(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    (first,) = ticked(new_documents, settings, instance)
    assert isinstance(first, dg.RunRequest)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(landing, "make_work", full_disk)
        assert not launch(instance, first)
    # the sensor of documents asks for the same once more, which Dagster knows by its key
    (second,) = ticked(new_documents, settings, instance)
    assert isinstance(second, dg.RunRequest)
    assert second.run_key == first.run_key
    (waits,) = tick(settings, instance)
    assert "asked for again at" in str(getattr(waits, "skip_message", ""))
    (again,) = requests(tick(settings, instance, timedelta(minutes=6)))
    assert again.run_key != first.run_key
    assert launch(instance, again)
    assert Releases(settings.published).ids()
    assert not requests(tick(settings, instance, timedelta(hours=6)))


def test_the_pause_doubles_and_tries_end(settings: Settings, instance: dg.DagsterInstance) -> None:
    minutes = [retries.pause_after(tries).total_seconds() / 60 for tries in range(1, 8)]
    assert minutes == [5, 10, 20, 40, 80, 120, 120]
    made = job()
    for _ in range(retries.MOST_TRIES):
        run = instance.create_run_for_job(made, tags=range_tags([PERIOD]), status=dg.DagsterRunStatus.STARTED)
        assert not requests(tick(settings, instance, timedelta(hours=3)))
        instance.report_run_failed(run)
    (said,) = tick(settings, instance, timedelta(hours=3))
    assert f"failed {retries.MOST_TRIES} times" in str(getattr(said, "skip_message", ""))


def test_what_no_retry_cures_is_not_asked_for_again(
    settings: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timedelta(hours=1)
    # nothing received
    assert not launch(instance, dg.RunRequest(tags=range_tags(["2024-Q1"])))
    assert ledger.entries(settings)[0].ended == "failed"
    assert not requests(tick(settings, instance, later))
    # a model that fails
    with monkeypatch.context() as patch:
        patch.setattr(
            steps, "demand_built", lambda *_: (_ for _ in ()).throw(steps.ModelsFailedError("model x"))
        )
        assert not launch(instance)
    assert not requests(tick(settings, instance, later))
    # a pin
    assert launch(instance)
    put(settings.home.parent / "inbox" / "lagi.csv", document([ROW | {"service": "K-PEND-02"}]))
    set_pin(settings, Releases(settings.published).current_id(), "Siti", "angka keliru", None)
    assert not launch(instance)
    assert not requests(tick(settings, instance, later))


def test_a_run_goes_on_from_its_failure(settings: Settings) -> None:
    with dagster_instance(settings.home) as instance:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(landing, "make_work", full_disk)
            assert not launch(instance)
        (failed,) = instance.get_runs()
        with without_dbt(), open_gate():
            done = dg.execute_job(
                dg.reconstructable(job),
                instance,
                run_config=QUIET,
                tags=range_tags([PERIOD]),
                reexecution_options=dg.ReexecutionOptions.from_failure(failed.run_id, instance),
            )
            assert done.success
            started = [event.step_key for event in done.all_events if event.is_step_start]
    assert started == [STEP]
    assert Releases(settings.published).ids()


def test_a_failure_is_one_line(settings: Settings, instance: dg.DagsterInstance) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(landing, "make_work", full_disk)
        assert not launch(instance)
    (run,) = instance.get_runs()
    (logged,) = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    assert logged.dagster_event is not None
    failure = logged.dagster_event.step_failure_data.user_failure_data
    assert failure is not None
    assert failure.description is not None
    assert len(failure.description.splitlines()) == 1
    assert failure.metadata["exit code"].value == 3
