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
from pipelines.messages import say
from pipelines.provenance import code
from pipelines.provenance.documents import landed_digests
from pipelines.provenance.registry import registry_digest
from pipelines.publish.manifest import Manifest
from pipelines.publish.pin import Pin, pin_of
from pipelines.publish.release import compared_documents
from pipelines.publish.releases import Releases
from pipelines.registry.comparisons import compared_with
from pipelines.registry.periods import Period
from pipelines.registry.windows import open_windows
from pipelines.settings import Settings
from pipelines.sources.config import load_sources
from pipelines.storage.lock import one_writer
from pipelines.submissions.reading_spec import regions_said
from pipelines.warehouse.unread import (
    HeldBack,
    Later,
    Unasked,
    UnreadPart,
    held_back,
    later_documents,
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
    regions that each may report for, where one of them is bound to any.

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
    own = {
        period: _reasons(settings, period, current, documents.get(period))
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
        NothingReceivedError: nothing was ever received for any of the periods.
    """
    with one_writer(settings.home, f"spm run --plan {periods[0]}..{periods[-1]}"):
        intake = settings.in_one_moment()
        sources = load_sources(settings.sources_file) if settings.sources_file else []
        for spec in sources:
            steps.take_in(intake, spec, periods)
    bound = any(spec.regions for spec in sources)
    may_report = {spec.name: regions_said(spec) for spec in sources} if bound else {}
    return replace(plan_run(settings, periods, everything), may_report=may_report)


def _compared(period: str) -> list[str]:
    return sorted(map(str, compared_with(Period.parse(period))))


def _reasons(settings: Settings, period: str, current: Manifest | None, documents: str | None) -> list[str]:
    if current is None or period not in current.content.periods:
        return [say("plan.not_published")]
    made = (current.content.made_with or {}).get(period, {})
    why = []
    if made.get("documents") != documents:
        why.append(say("plan.new_documents"))
    if made.get("numbers") != code.numbers_sha256():
        why.append(say("plan.code_changed"))
    if made.get("registry") != registry_digest(Period.parse(period)):
        why.append(say("plan.registry_changed"))
    if made.get("open", "") != open_windows(Period.parse(period), settings.clock()):
        why.append(say("plan.window_closed"))
    return why


def outdated(settings: Settings) -> dict[str, list[str]]:
    """The published periods that a run would build for another reason than documents, with why.

    It reads the release and no row: as an upgrade finds a home.
    """
    current = Releases(settings.published).current()
    made = current.content.made_with if current else {}
    own = {
        period: _reasons(settings, period, current, made.get(period, {}).get("documents"))
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
