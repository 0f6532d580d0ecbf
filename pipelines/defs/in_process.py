"""A run in this process, for the command line: the Dagster job over a range of periods, and what follows it.

Put here: executing the jobs. Keep out: printing (``cli``), what the jobs do (``assets``).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import dagster as dg

from pipelines import progress
from pipelines.alerts.telling import tell_quietly
from pipelines.build.leftovers import sweep
from pipelines.build.record import RunOutcome, RunRecord, outcome_of, read_record
from pipelines.defs.assets.facts import cause_of
from pipelines.defs.follow_up import EVERYTHING_TAG, WITHOUT_TAG, follow_up
from pipelines.defs.instance import fail_orphaned_runs, history, in_workspace, passing_instance
from pipelines.defs.jobs import JOB_NAME
from pipelines.defs.partitions import range_tags
from pipelines.defs.resources import HomeResource
from pipelines.messages import say
from pipelines.publish.approval import ApprovalNeededError
from pipelines.publish.pin import PinnedError
from pipelines.settings import Settings
from pipelines.storage.lock import HomeBusyError, one_writer

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Configuration of a run whose events go to the instance, and not to the terminal."""


def run_periods(
    define: Callable[..., dg.Definitions],
    settings: Settings,
    periods: Sequence[str],
    record: bool = True,
    everything: bool = False,
    to_database: bool = True,
    warn: Callable[[str], object] = print,
) -> RunOutcome:
    """Run the job of the definitions over a contiguous range of periods as one Dagster run.

    Where the gate closes for some of them nothing is published, and a run without them follows, until
    the gate is open or no period is left. Periods that nothing changed for are not built again, unless
    ``everything`` is. What is published is loaded into the configured database, where ``to_database``.

    ``record`` keeps the events in the home's Dagster instance, where the UI shows them. Where that cannot be
    opened the run says so and goes on: what was published is in the release, and the run in the ledger.

    What runs that died left in the home is thrown away first.

    Raises:
        HomeBusyError: another process writes in this home.
        SourceUnavailable: there is nothing to publish, because a source could not be reached.
        NothingReceivedError: there is nothing to publish.
        ApprovalRefusedError: the decision on this release does not count, or says no.
        ModelsFailedError: a dbt model or test failed.
        StoreFailedError: the disk is full, a folder cannot be written, or memory ran out.
    """
    home = HomeResource(
        path=str(settings.home),
        sources_file=str(settings.sources_file or ""),
        is_locked=True,
        to_database=to_database,
    )
    with _told_of(settings), one_writer(settings.home, f"spm run {periods[0]}..{periods[-1]}"):
        _clear_up(settings)
        definitions = define(settings, home=home)
        tags = {**range_tags(periods), **({EVERYTHING_TAG: "true"} if everything else {})}
        request: dg.RunRequest | None = dg.RunRequest(job_name=JOB_NAME, tags=tags)
        records: dict[str, RunRecord] = {}
        with history(settings, warn) if record else passing_instance(settings) as instance:
            while request is not None:
                run_id = str(uuid.uuid4())
                with _work_of(run_id, home):
                    request = _execute(definitions, request, run_id, instance)
                    records[run_id] = read_record(home.work_folder(run_id))
    return outcome_of(records)


@contextmanager
def _told_of(settings: Settings) -> Iterator[None]:
    """Once the home is free again people are told how the run ended; not where somebody stopped it."""
    try:
        yield
    except (KeyboardInterrupt, HomeBusyError):
        raise
    except BaseException:
        tell_quietly(settings, progress.step)
        raise
    tell_quietly(settings, progress.step)


@contextmanager
def _work_of(run_id: str, home: HomeResource) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, dg.DagsterExecutionInterruptedError):
        # as the next run would: models that are done are kept for it
        sweep(home.settings())
        raise KeyboardInterrupt from None
    finally:
        home.sweep(run_id)


def _execute(
    definitions: dg.Definitions, request: dg.RunRequest, run_id: str, instance: dg.DagsterInstance
) -> dg.RunRequest | None:
    """Execute one run; the one that follows it, if any does. What failed otherwise is raised as it is."""
    assert request.job_name is not None
    if without := request.tags.get(WITHOUT_TAG):
        progress.step(say("run.again_without", periods=without))
    tags = {**request.tags, **in_workspace(instance, run_id, request.job_name)}
    try:
        definitions.resolve_job_def(request.job_name).execute_in_process(
            run_id=run_id, tags=tags, instance=instance, run_config=QUIET
        )
    except dg.Failure as failure:
        cause = cause_of(failure)
        if cause is None:  # of the gate, or of the database, which the record tells of
            return follow_up(run_id, request.tags, failure.metadata)
        if not isinstance(cause, ApprovalNeededError | PinnedError):
            raise cause from None
        # the record says what waits, or what is set aside
    return None


def _clear_up(settings: Settings) -> None:
    dead = sweep(settings)
    if dead and (settings.home / "dagster").exists():
        # of a history that cannot be opened the run itself tells
        with history(settings, lambda _: None) as instance:
            fail_orphaned_runs(instance, dead)
