"""What a run has to build: the periods whose figures may have changed, and why.

A period is built when no release has it, when a document came that the release does not know, when what
decides its numbers changed (models, readers, the registry's rows of that period), or when that is so of a
quarter that its findings compare with.

Put here: that decision. Keep out: building (``build.steps``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipelines.build import steps
from pipelines.build.record import Incomplete
from pipelines.messages import say
from pipelines.provenance import code, kept_registry
from pipelines.provenance.documents import landed_digests
from pipelines.provenance.kept_registry import (
    ChangedRow,
    LostRegistryError,
    Rows,
    changed_rows,
    lines_in,
    rows_now,
)
from pipelines.provenance.registry import registry_digest
from pipelines.publish.manifest import Manifest
from pipelines.publish.pin import Pin, pin_of
from pipelines.publish.release import compared_documents
from pipelines.publish.releases import Releases
from pipelines.registry.comparisons import compared_with
from pipelines.registry.periods import Period
from pipelines.registry.windows import open_windows, to_be_announced, window_of
from pipelines.settings import Settings
from pipelines.sources.config import load_sources
from pipelines.sources.source import SourceUnavailable
from pipelines.storage.lock import one_writer
from pipelines.submissions.reading_spec import regions_said
from pipelines.warehouse.unread import (
    HeldBack,
    Later,
    LongAfter,
    Unasked,
    UnreadPart,
    held_back,
    later_documents,
    received_long_after,
    unasked,
    unread_parts,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The asked periods: those to ``build``, with why, those ``unchanged``, ``skipped`` that nothing was
    received for, and ``refused`` that documents were received for, and not one row.

    ``held_back`` are the documents that nothing can be used of, or that have rows without a period;
    ``unasked`` the periods that were received, and neither asked for nor in the release; ``unread`` are
    the sheets and columns of their documents that were not read. ``may_report`` are the sources with the
    regions that each may report for, where one of them is bound to any. ``registry_wide`` are the seeds with
    rows that changed since the current release and name no quarter: every period is built again for them.
    ``assumed_windows`` are the last days of windows that nobody announced yet, ``long_after`` documents that
    count as received years after theirs. ``incomplete`` and ``silent`` are those of a run (``build.record``).

    Where a release is pinned nothing is to be built: what would be is ``set_aside``, and so are the
    ``documents_aside`` that the pinned release does not know.
    """

    build: dict[str, list[str]] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)
    unasked: dict[str, Unasked] = field(default_factory=dict)
    unread: list[UnreadPart] = field(default_factory=list)
    pin: Pin | None = None
    set_aside: dict[str, list[str]] = field(default_factory=dict)
    documents_aside: list[Later] = field(default_factory=list)
    may_report: dict[str, str] = field(default_factory=dict)
    registry_wide: list[str] = field(default_factory=list)
    assumed_windows: dict[str, str] = field(default_factory=dict)
    long_after: list[LongAfter] = field(default_factory=list)
    incomplete: dict[str, Incomplete] = field(default_factory=dict)
    silent: dict[str, list[str]] = field(default_factory=dict)

    @property
    def gaps(self) -> list[str]:
        """The asked periods that nothing came for, with received ones before and after them."""
        came = [*self.build, *self.unchanged, *self.refused, *self.set_aside]
        return [period for period in self.skipped if came and min(came) < period < max(came)]


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """The rows of the registry that the current release was made with, and those of now."""

    before: Rows
    now: Rows

    @classmethod
    def since(cls, settings: Settings, current: Manifest | None) -> RegistryChange | None:
        """The change since the release ``current``; none where there is none, or its registry is not kept."""
        if current is None or current.content.registry_sha256 == code.registry_sha256():
            return None
        try:
            kept = kept_registry.read(settings.raw, current.content.registry_sha256)
        except LostRegistryError:
            return None
        return cls(kept.rows(), rows_now()) if kept else None

    def rows(self) -> list[ChangedRow]:
        """The rows that are there now and were not, or the other way round."""
        return list(changed_rows(self.before, self.now))

    def seeds_of(self, period: str) -> list[str]:
        """The seeds whose rows for ``period`` are others."""
        return [
            name
            for name in sorted(self.now)
            if lines_in(self.before, name, period) != lines_in(self.now, name, period)
        ]

    def wide(self) -> list[str]:
        """The seeds with changed rows that name no quarter, and so count for every one."""
        return sorted({changed.seed for changed in self.rows() if changed.validity is None})


def plan_run(
    settings: Settings, periods: Sequence[str], everything: bool = False, without: Sequence[str] = ()
) -> Plan:
    """What a run over ``periods`` would build by what is landed now; ``everything`` leaves nothing as it is.

    Periods that it is to go ``without`` stay as published, and so are not in the plan.

    Raises:
        AllHeldBackError: of what was received for the periods nothing can be used.
        NothingReceivedError: not one row was ever received for any of the periods.
        DamagedReleaseError: the current release is not as it was published.
        PinError: the file of the pin is not as it was written.
    """
    received = steps.received_of(settings, periods)
    # also where nothing is built: a run says that what is published stands
    current = Releases(settings.published).proved()
    documents = landed_digests(settings.landing)
    rows = RegistryChange.since(settings, current)
    own = {
        period: _reasons(settings, period, current, documents.get(period), rows)
        + [say("plan.asked_for")] * everything
        for period in received
    }
    made = (current.content.made_with or {}) if current else {}
    refused = steps.refused_of(settings, periods)
    plan = Plan(
        skipped=[period for period in periods if period not in {*received, *refused}],
        refused=refused,
        held_back=held_back(settings.landing, periods),
        unasked=unasked(settings.landing, periods, touched_periods(settings)),
        unread=unread_parts(settings.landing, periods),
        registry_wide=rows.wide() if rows else [],
    )
    for period, why in own.items():
        if period in without:
            continue
        changed = {one for one in _compared(period) if own.get(one)} | changed_since(period, made, {})
        before = [say("plan.period_changed", at=one) for one in sorted(changed)]
        if why or before:
            plan.build[period] = why + before
        else:
            plan.unchanged.append(period)
    return _pinned(settings, plan, current)


def _pinned(settings: Settings, plan: Plan, current: Manifest | None) -> Plan:
    pin = pin_of(settings)
    if pin is None:
        return plan
    known = frozenset(current.made_from.batches) if current else frozenset()
    later = later_documents(settings.landing, known, list(plan.build))
    return replace(plan, pin=pin, build={}, set_aside=plan.build, documents_aside=later)


def receive_and_plan(settings: Settings, periods: Sequence[str], everything: bool = False) -> Plan:
    """Take in what the sources hold for ``periods``, and plan; receiving is all that is done.

    Raises:
        HomeBusyError: another process writes in this home.
        SourcesError: the sources file cannot be used.
        SourceUnavailable: nothing was received, because a source could not be reached.
        NothingReceivedError: nothing was ever received for any of the periods.
    """
    incomplete: dict[str, Incomplete] = {}
    silent: dict[str, list[str]] = {}
    with one_writer(settings.home, f"spm run --plan {periods[0]}..{periods[-1]}"):
        intake = settings.in_one_moment()
        sources = load_sources(settings.sources_file) if settings.sources_file else []
        for spec in sources:
            found = steps.take_in(intake, spec, periods)
            if found.incomplete:
                incomplete[spec.name] = Incomplete(found.incomplete, found.messages)
            if found.silent:
                silent[spec.name] = found.silent
    bound = any(spec.regions for spec in sources)
    may_report = {spec.name: regions_said(spec) for spec in sources} if bound else {}
    try:
        planned = plan_run(settings, periods, everything)
    except steps.NothingReceivedError:
        if messages := [said for one in incomplete.values() for said in one.messages]:
            raise SourceUnavailable("; ".join(messages)) from None
        raise
    windows = {window.period: window for window in map(window_of, map(Period.parse, periods))}
    return replace(
        planned,
        may_report=may_report,
        incomplete=incomplete,
        silent=silent,
        assumed_windows={str(one.period): str(one.closes_on) for one in to_be_announced(windows)},
        long_after=received_long_after(
            settings.landing, {str(period): window.closes_on for period, window in windows.items()}
        ),
    )


def _compared(period: str) -> list[str]:
    return sorted(map(str, compared_with(Period.parse(period))))


def _reasons(
    settings: Settings,
    period: str,
    current: Manifest | None,
    documents: str | None,
    rows: RegistryChange | None,
) -> list[str]:
    if current is None or period not in current.content.periods:
        return [say("plan.not_published")]
    made = (current.content.made_with or {}).get(period, {})
    why = []
    if made.get("documents") != documents:
        why.append(say("plan.new_documents"))
    if made.get("numbers") != code.numbers_sha256():
        why.append(say("plan.code_changed"))
    if made.get("registry") != registry_digest(Period.parse(period)):
        seeds = rows.seeds_of(period) if rows else []
        why.append(
            say("plan.registry_rows", seeds=", ".join(seeds)) if seeds else say("plan.registry_changed")
        )
    if made.get("open", "") != open_windows(Period.parse(period), settings.clock()):
        why.append(say("plan.window_closed"))
    return why


def outdated(settings: Settings) -> dict[str, list[str]]:
    """The published periods that a run would build for another reason than documents, with why.

    It reads the release and no row: as an upgrade finds a home.
    """
    current = Releases(settings.published).current()
    made = current.content.made_with if current else {}
    rows = RegistryChange.since(settings, current)
    own = {
        period: _reasons(settings, period, current, made.get(period, {}).get("documents"), rows)
        for period in (current.content.periods if current else [])
    }
    found = {}
    for period, why in own.items():
        before = [say("plan.period_changed", at=one) for one in _compared(period) if own.get(one)]
        if why or before:
            found[period] = why + before
    return found


def changed_since(
    period: str, made_with: Mapping[str, Mapping[str, str]], landed: Mapping[str, str]
) -> set[str]:
    """The quarters that ``period`` was compared with when it was published, and that are made of other
    documents now: by the release, or by what is ``landed``.

    A late quarter that was published alone leaves those behind that look back on it.
    """
    recorded = made_with.get(period, {}).get("compared")
    if recorded is None:
        return set()
    now = {**made_with, **{one: {"documents": digest} for one, digest in landed.items()}}
    unlike = {*recorded.split()} ^ {*compared_documents(period, now).split()}
    return {pair.partition("=")[0] for pair in unlike}


def left_behind(settings: Settings) -> dict[str, str]:
    """The published periods that compare with a quarter of other documents, each with a hash of those."""
    current = Releases(settings.published).current()
    made = (current.content.made_with or {}) if current else {}
    landed = landed_digests(settings.landing)
    return {
        period: " ".join(sorted(landed.get(one, "") for one in changed))
        for period in made
        if (changed := changed_since(period, made, landed))
    }


def touched_periods(settings: Settings) -> dict[str, str]:
    """The periods whose landed documents are not those of the current release, with their hash."""
    current = Releases(settings.published).current()
    made = (current.content.made_with or {}) if current else {}
    return {
        period: digest
        for period, digest in landed_digests(settings.landing).items()
        if made.get(period, {}).get("documents") != digest
    }
