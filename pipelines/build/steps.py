"""One build: the work file of some periods, dbt on it, its candidate tables, and the gate's verdict.

Put here: the steps that the Dagster assets and the command line share, in their order.
Keep out: Dagster, and what each step does (its own package).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines import progress
from pipelines.build import resume
from pipelines.build.demo_data import admitted
from pipelines.errors import ExitCode, RejectedError, SpmError, store_failure
from pipelines.landing.arrivals import Arrivals
from pipelines.landing.landed_rows import land, waiting
from pipelines.landing.raw_store import RawStore
from pipelines.messages import printable_json, say, shown
from pipelines.provenance import code
from pipelines.provenance.registry import reference_digest, registry_digest
from pipelines.publish.approval import demand_approval
from pipelines.publish.candidate import Candidate, write_candidate
from pipelines.publish.causes import run_context
from pipelines.publish.pin import demand_unpinned
from pipelines.publish.release import Provenance, Published, publish
from pipelines.publish.releases import Releases
from pipelines.quality.gate import judge_candidate
from pipelines.quality.page import quality_page
from pipelines.quality.verdicts import PeriodVerdict, closing_checks
from pipelines.readers.reading import Budget
from pipelines.registry.periods import Period
from pipelines.registry.windows import open_windows
from pipelines.reports.to_correct import as_csv, to_correct
from pipelines.settings import Settings
from pipelines.sources.source import Failure, Source, Terms
from pipelines.storage.private_files import keep_private, private_files
from pipelines.storage.whole_files import write_whole
from pipelines.warehouse import dbt, registry_file
from pipelines.warehouse.unread import HeldBack, held_back, periods_of, told_periods
from pipelines.warehouse.work_file import (
    EVERYTHING,
    Knowledge,
    landed_counts,
    make_work_file,
    received_periods,
)


class NothingReceivedError(SpmError):
    """Not one row was ever received for any of the periods: there is nothing to publish."""

    exit_code = ExitCode.NOTHING_RECEIVED


class AllHeldBackError(RejectedError):
    """Documents were received, and of none of them can a row be used: the message names each, and why."""

    MOST_NAMED = 20

    def __init__(self, at: str, held_back: Sequence[HeldBack]) -> None:
        named = [str(found) for found in held_back[: self.MOST_NAMED]]
        if more := len(held_back) - len(named):
            named.append(say("run.more_held_back", count=more))
        super().__init__(f"{say('run.all_held_back', at=at)}: {'; '.join(named)}")
        self.held_back = list(held_back)


class ModelsFailedError(RejectedError):
    """A dbt model or test failed; the message names each."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What taking in a source gave: documents seen there, new ones kept, documents read into rows.

    ``incomplete`` are the asked periods for which some part of the source was not fetched, ``messages`` why;
    ``silent`` those that it serves, was asked for without a failure, and gave no row for.
    """

    seen: int
    new: int
    read: int
    incomplete: list[str]
    messages: list[str]
    silent: list[str]


def take_in(settings: Settings, spec: Source, periods: Sequence[str], most: int | None = None) -> Intake:
    """Receive what the source holds for ``periods`` and land its rows; nothing new changes nothing.

    What cannot be fetched stops nothing: the rest is received, and the intake says what is missing. After
    ``most`` new documents the rest is left for the next time.

    Raises:
        MadeUpSourceError: its data are made up, and reports of regions are published here.
    """
    progress.step(say("run.receiving", at=spec.name))
    home = admitted(settings, spec)
    spec = home.spec
    keep_private(settings, settings.raw, settings.landing)
    store = RawStore(settings.raw)
    asked = [period for period in map(Period.parse, periods) if spec.serves(period)]
    arrivals = Arrivals(
        spec,
        store,
        Terms(
            known=store.known_versions(spec.name, spec.canonical_json()),
            file_bytes=settings.limits.file_bytes,
            partial=settings.partial,
            limits=settings.limits,
        ),
    )
    seen, new = store.receive(
        spec.name,
        spec.canonical_json(),
        arrivals.documents(asked),
        settings.clock(),
        most,
        receipt_time=spec.counted_receipt,
        refuses_demo=home.refuses_demo,
    )
    if new:
        progress.step(say("run.reading", at=spec.name, count=new))
    budget = Budget(settings.limits.source_seconds)
    read = land(store, settings.landing, settings.workers, settings.limits, progress.advance, budget)
    if left := waiting(store, settings.landing):
        seconds = settings.limits.source_seconds
        arrivals.failures.append(
            Failure(None, say("run.left_unread", at=spec.name, count=left, seconds=seconds))
        )
    # a failure that names no period may have kept rows of any
    failed = {failure.period for failure in arrivals.failures}
    incomplete = [str(period) for period in asked if None in failed or str(period) in failed]
    messages = list(dict.fromkeys(failure.message for failure in arrivals.failures))
    landed = periods_of(settings.landing, spec.name)
    silent = [
        period
        for period in map(str, asked)
        if period not in incomplete and (period not in landed or arrivals.silent & {None, period})
    ]
    return Intake(seen + arrivals.known, new, read, incomplete, messages, silent)


def holdings(settings: Settings, spec: Source) -> dict[str, int]:
    """How many documents and rows of the source are landed, and how many documents were rejected."""
    return landed_counts(settings.landing, spec.name)


def received_of(settings: Settings, periods: Sequence[str]) -> list[str]:
    """Those of ``periods`` that something was received for.

    Raises:
        AllHeldBackError: something was received that may be of the periods, and nothing of it can be used.
        NothingReceivedError: nothing was ever received for any of the periods.
    """
    received = received_periods(settings.landing)
    if chosen := [period for period in periods if period in received]:
        return chosen
    asked = periods[0] if len(periods) == 1 else f"{periods[0]}..{periods[-1]}"
    if found := held_back(settings.landing, periods):
        raise AllHeldBackError(asked, found)
    if received:
        others = ", ".join(sorted(received))
        raise NothingReceivedError(say("run.others_received", at=asked, periods=others))
    raise NothingReceivedError(say("run.nothing_received", at=asked))


def refused_of(settings: Settings, periods: Sequence[str]) -> list[str]:
    """Those of ``periods`` that documents were received for, and not one row."""
    told = told_periods(settings.landing) - received_periods(settings.landing)
    return [period for period in periods if period in told]


@private_files()
def make_work(
    settings: Settings,
    work_file: Path,
    periods: Sequence[str],
    knowledge: Knowledge = EVERYTHING,
    what_if: str | None = None,
) -> None:
    """Make the work file of a build over ``periods``.

    A ``build.what_if`` method scores the periods instead of their own, beside no release: its changes from
    quarter to quarter are its own too.
    """
    keep_private(settings, settings.landing, settings.work)
    resume.begin(work_file)
    registry = registry_file.ensure(settings.threads, settings.memory_limit)
    releases = Releases(settings.published)
    current = None if what_if else releases.current()
    make_work_file(
        work_file,
        registry,
        settings.landing,
        periods,
        releases.folder(current.release_id) if current else None,
        run_context(current, periods),
        knowledge,
        what_if,
        settings.clock(),
    )


@private_files()
def run_models(settings: Settings, work_file: Path) -> list[dbt.NodeResult]:
    """Build and test every model in the work file; a result for each node, also those done before a kill."""
    progress.step(say("run.scoring", at="dbt"))
    done = resume.done_nodes(work_file)
    if done:
        progress.step(say("run.resuming", at="dbt", count=len(done)))
    return done + dbt.build(
        work_file,
        settings.threads,
        settings.memory_limit,
        exclude=(*registry_file.REGISTRY_MODELS, *resume.names(done)),
        # a test of a done model is done or not by itself
        indirect="empty" if done else "eager",
        ended=resume.noting(work_file),
    )


def make_candidate(settings: Settings, work_file: Path, folder: Path, periods: Sequence[str]) -> Candidate:
    """Write the marts of the work file as candidate tables."""
    progress.step(say("run.candidate"))
    current = Releases(settings.published).current()
    with private_files() if folder.is_relative_to(settings.work) else nullcontext():
        return write_candidate(
            work_file,
            folder,
            periods,
            current.release_id if current else None,
            settings.threads,
            settings.memory_limit,
            is_base_demo=current is not None and current.content.is_demo,
        )


def judge(candidate: Candidate) -> list[PeriodVerdict]:
    """The gate's verdict on each period of the candidate."""
    progress.step(say("run.judging", at="Great Expectations"))
    return judge_candidate(candidate.folder, candidate.tables, candidate.hashes(), candidate.periods)


def keep_page(settings: Settings, candidate: Candidate, verdicts: Sequence[PeriodVerdict]) -> Path:
    """Keep the page on a candidate whose gate is closed, for no release will carry it, and beside it the rows
    that failed its checks (JSON) and what regions have to correct (CSV)."""
    closed = [verdict.period for verdict in verdicts if not verdict.passed]
    listed = to_correct(candidate.folder, closed)
    page = quality_page(candidate.folder, verdicts, candidate.is_demo, [asdict(one) for one in listed])
    path = settings.closed / f"{candidate.periods[0]}-{hashlib.sha256(page).hexdigest()[:12]}.html"
    write_whole(path, page)
    closing = [asdict(check) for check in closing_checks(verdicts)]
    rows = printable_json(json.dumps(closing, indent=1, ensure_ascii=False))
    write_whole(path.with_suffix(".json"), rows.encode())
    write_whole(path.with_suffix(".csv"), as_csv(listed))
    return path


def publish_candidate(
    settings: Settings, candidate: Candidate, verdicts: Sequence[PeriodVerdict], number: int | None = None
) -> Published:
    """Make the candidate the current release; ``number`` is given where a release is built again.

    Raises:
        GateClosedError: the gate is not open for it.
        ApprovalNeededError: it changes so much that two persons must approve it first.
        ApprovalRefusedError: the decision on it does not count, or says no.
        StaleBaseError: another run published in between.
        PinnedError: a release is pinned.
    """
    progress.step(say("run.publishing"))
    demand_unpinned(settings)
    releases = Releases(settings.published)
    approval = None
    # the gate's verdict comes first; what is built again was approved when it was published
    if number is None and all(verdict.passed for verdict in verdicts):
        approval = demand_approval(settings, candidate, releases)
    numbers = code.numbers_sha256()
    provenance = Provenance(
        published_at=settings.clock(),
        code_version=code.package_version(),
        code_sha256=code.code_sha256(),
        rules_sha256=code.rules_sha256(),
        registry_sha256=code.registry_sha256(),
        made_with={
            period: {
                "documents": candidate.documents.get(period, ""),
                "numbers": numbers,
                "registry": registry_digest(Period.parse(period)),
                "reference": reference_digest(Period.parse(period)),
                "open": open_windows(Period.parse(period), settings.clock()),
            }
            for period in candidate.periods
        },
        number=number,
        approval=approval,
    )
    return publish(candidate, verdicts, releases, provenance, settings.threads, settings.memory_limit)


def demand_built(results: Sequence[dbt.NodeResult]) -> None:
    """Go on only where every node is well.

    Raises:
        StoreFailedError: disk or memory failed one of them.
        ModelsFailedError: one failed for another reason.
    """
    if failed := "; ".join(failed_nodes(results)):
        said = "\n".join(found.message for found in results if found.failed)
        raise store_failure(said) or ModelsFailedError(failed)


def failed_nodes(results: Sequence[dbt.NodeResult]) -> list[str]:
    """A sentence for each node that failed; what the database says of it may quote a sender."""
    return [
        f"{found.unique_id}: {shown(' '.join(found.message.split()))}"
        for found in results
        if found.failed and found.status != "skipped"
    ]
