"""The record of a run: what its steps found so far, in ``run.json`` in its work folder.

A step hands on to later ones, and to whoever asked for the run, by this file alone. What people look up later
is elsewhere: in the release, and in the metadata of Dagster's events.

Put here: the record, and what a caller is told of a run. Keep out: the work of a step (``build.steps``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from pipelines.messages import printable_json
from pipelines.publish.pin import Pin
from pipelines.quality.verdicts import ClosingCheck, PeriodVerdict, closing_checks
from pipelines.storage.private_files import FILE
from pipelines.storage.whole_files import write_whole
from pipelines.warehouse.unread import HeldBack, Later, Unasked, UnreadPart

RECORD = "run.json"


@dataclass(frozen=True, slots=True)
class Incomplete:
    """The asked ``periods`` for which some part of a source could not be fetched, and why."""

    periods: list[str]
    messages: list[str]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What one run found. Asked periods are ``unchanged`` (they stay as published, nothing that they are made
    of changed), ``skipped`` (nothing was received for them), ``refused`` (documents were, no row), or have
    a verdict.

    ``silent`` gives for each source the asked periods that it serves and gave no row for; ``held_back``,
    ``unasked`` and ``unread`` are those of the plan (``build.plan.Plan``). ``intake_at`` is when its first
    source was asked: what its sources hold is one intake; ``confined_by`` is what confined the readers of
    documents (``sandbox``). ``page`` is the page on a closed gate.
    ``stages`` gives the seconds of each part of the run. ``published`` are the periods of ``release_id``.
    ``waiting`` is the release that waits for approval
    (``publish.approval.Waiting``), ``database`` the result of loading the release
    (``publish.postgres.after_release``). ``pin``, ``set_aside`` and ``documents_aside`` are those of the
    plan.
    """

    intake_at: datetime | None = None
    confined_by: str = ""
    incomplete: Mapping[str, Incomplete] = field(default_factory=dict)
    silent: Mapping[str, list[str]] = field(default_factory=dict)
    held_back: list[HeldBack] = field(default_factory=list)
    unasked: Mapping[str, Unasked] = field(default_factory=dict)
    unread: list[UnreadPart] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    verdicts: list[PeriodVerdict] = field(default_factory=list)
    page: str | None = None
    release_id: str | None = None
    is_new: bool = False
    published: list[str] = field(default_factory=list)
    waiting: dict[str, Any] | None = None
    database: dict[str, Any] | None = None
    pin: Pin | None = None
    set_aside: Mapping[str, list[str]] = field(default_factory=dict)
    documents_aside: list[Later] = field(default_factory=list)
    stages: Mapping[str, float] = field(default_factory=dict)


_AS_JSON = TypeAdapter(RunRecord)


def read_record(folder: Path) -> RunRecord:
    """The record in the work folder of a run; an empty one where no step has written it yet."""
    path = folder / RECORD
    return _AS_JSON.validate_json(path.read_bytes()) if path.exists() else RunRecord()


def add_to_record(folder: Path, **found: Any) -> None:
    """Write the record in ``folder`` as a whole, with these fields of ``RunRecord`` set."""
    record = _AS_JSON.dump_json(replace(read_record(folder), **found)).decode()
    write_whole(folder / RECORD, printable_json(record).encode(), FILE, flushed=False)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What whoever asked for a run is told: of the run ``run_id``, and of the ``follow_ups`` without the
    periods whose gate closed.

    ``closed`` gives the checks that closed the gate of each period, ``closing`` their sentences and the rows
    that failed them, ``pages`` what was kept to look into. The other fields are those of ``RunRecord``.
    """

    run_id: str
    follow_ups: list[str]
    release_id: str | None
    is_new: bool
    published: list[str]
    closed: dict[str, list[str]]
    closing: list[ClosingCheck]
    pages: list[str]
    unchanged: list[str]
    skipped: list[str]
    refused: list[str]
    incomplete: Mapping[str, Incomplete]
    silent: Mapping[str, list[str]]
    held_back: list[HeldBack]
    unasked: Mapping[str, Unasked]
    unread: list[UnreadPart]
    waiting: dict[str, Any] | None
    database: dict[str, Any] | None
    pin: Pin | None
    set_aside: Mapping[str, list[str]]
    documents_aside: list[Later]


def outcome_of(records: Mapping[str, RunRecord]) -> RunOutcome:
    """The outcome of a run and its follow-ups, by their ids and in their order."""
    run_id, *follow_ups = records
    # a follow-up receives nothing; whatever else it records is the later word
    first, last = records[run_id], records[[*records][-1]]
    closed = [verdict for record in records.values() for verdict in record.verdicts if not verdict.passed]
    return RunOutcome(
        run_id=run_id,
        follow_ups=follow_ups,
        release_id=last.release_id,
        is_new=last.is_new,
        published=last.published,
        closed={verdict.period: [found.check_id for found in verdict.closing] for verdict in closed},
        closing=closing_checks(closed),
        pages=[record.page for record in records.values() if record.page],
        unchanged=last.unchanged,
        skipped=last.skipped,
        refused=last.refused,
        incomplete=first.incomplete,
        silent=first.silent,
        # those of a period whose gate closed are known to its own build only
        held_back=list(dict.fromkeys(found for record in records.values() for found in record.held_back)),
        unasked=last.unasked,
        unread=last.unread,
        waiting=last.waiting,
        database=last.database,
        pin=first.pin,
        set_aside=first.set_aside,
        documents_aside=first.documents_aside,
    )
