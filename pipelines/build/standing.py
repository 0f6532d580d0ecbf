"""What the ledger of runs says that still stands: for each period by the last run that decided about it.

A run of another period does not end what one of this period left behind. Each problem has a key, by which it
is the same one tomorrow.

Put here: which problems stand. Keep out: other states of a home (``health``), telling people (``alerts``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from pipelines.build import ledger
from pipelines.errors import SpmError
from pipelines.messages import Message, message, printable, say
from pipelines.quality.sentences import checks_said, row_said
from pipelines.registry.rules import rules
from pipelines.reports.to_correct import by_region, list_beside
from pipelines.settings import GATES, Settings
from pipelines.sources.config import SourcesError, load_sources
from pipelines.storage.lock import writer_of_home
from pipelines.warehouse.unread import held_back, told_periods
from pipelines.warehouse.work_file import received_periods

Kind = Literal[
    "run",
    "gate",
    "refused",
    "approval",
    "source",
    "database",
    "due",
    "disk",
    "damaged",
    "pin",
    "pin over",
    "service",
]
KINDS: tuple[str, ...] = get_args(Kind)
MOST_REGIONS = 20
MOST_ROWS = 3
_UNDECIDED = frozenset({"running", "pinned", "stopped"})
"""Endings of a run that built none of its periods: what was before it stands."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that somebody has to look at. ``kind`` and ``subject`` say whether it is the same as before.

    ``sentence`` is in both languages; ``details`` are lines below it. ``owners`` answer for it, as the source
    or the rules that it is about name them.
    """

    kind: Kind
    subject: str
    sentence: str
    details: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What is the same as long as the problem is."""
        return f"{self.kind} {self.subject}"


def ended_runs(settings: Settings) -> list[ledger.RunEntry]:
    """Every run that is over, the latest first; one that nobody holds the home for died."""
    is_free = writer_of_home(settings.home) is None
    found = ledger.entries(settings)
    running = [entry for entry in found if entry.ended == "running"]
    # asked twice: a run may have begun, or ended, in between
    died = running if running and is_free and writer_of_home(settings.home) is None else []
    return [
        replace(entry, ended="died") if entry in died else entry
        for entry in found
        if entry.ended != "running" or entry in died
    ]


def standing(settings: Settings, runs: Sequence[ledger.RunEntry]) -> list[Problem]:
    """The problems that ``runs``, the latest first, left behind."""
    decided = _decided(runs)
    by_run: dict[str, list[str]] = {}
    for period, run in decided.items():
        by_run.setdefault(run.run_id, []).append(period)
    ledgered = {run.run_id: run for run in runs}
    found: list[Problem] = []
    for run_id, periods in by_run.items():
        run = ledgered[run_id]
        found += _of_gate(settings, run, sorted(periods))
        found += [_refused(settings, period) for period in sorted(set(run.refused) & set(periods))]
        if run.ended == "waits for approval":
            found.append(_waiting(run, sorted(periods)))
    found += _failed(settings, runs, decided)
    found += _incomplete(settings, runs)
    last = next((run for run in runs if run.release_id is not None), None)
    if last and last.database_failed:
        found.append(Problem("database", "release", say("status.database", at=last.run_id[:8])))
    return found


def held_periods(settings: Settings) -> list[str]:
    """The periods whose gate closed, or whose documents were all refused, in the last run that built them."""
    decided = _decided(ended_runs(settings))
    return sorted(period for period, run in decided.items() if period in run.closed or period in run.refused)


def _decided(runs: Sequence[ledger.RunEntry]) -> dict[str, ledger.RunEntry]:
    """The run that decided about each period: the last one that built it, or was to."""
    by_id = {run.run_id: run for run in runs}
    decided: dict[str, ledger.RunEntry] = {}
    for run in runs:
        if run.ended in _UNDECIDED:
            continue
        without = {period for before in _before(run, by_id) for period in before.closed}
        for period in run.periods:
            if period not in without:
                decided.setdefault(period, run)
    return decided


def _before(run: ledger.RunEntry, by_id: Mapping[str, ledger.RunEntry]) -> list[ledger.RunEntry]:
    """The runs that one follows, because their gates closed."""
    line = [run]
    while (before := by_id.get(line[-1].follows or "")) and before not in line:
        line.append(before)
    return line[1:]


def _failed(
    settings: Settings, runs: Sequence[ledger.RunEntry], decided: Mapping[str, ledger.RunEntry]
) -> list[Problem]:
    latest = next((run for run in runs if run.ended not in _UNDECIDED - {"pinned"}), None)
    failed = {
        period: run
        for period, run in decided.items()
        if run.ended in ("failed", "died") and period not in run.refused
    }
    if latest and not latest.periods and latest.ended in ("failed", "died"):
        failed["-"] = latest
    if any(run is not latest for run in failed.values()):
        known = _known_periods(settings)
        # of a period that nothing was ever received for nothing is left to do
        failed = {
            period: run for period, run in failed.items() if run is latest or known is None or period in known
        }
    return [
        Problem("run", period, say(_FAILED[run.ended], at=_named(run), why=run.error or "-"))
        for period, run in sorted(failed.items())
    ]


_FAILED = {"failed": "status.failed", "died": "status.died"}


def _named(run: ledger.RunEntry) -> str:
    return f"{run.run_id[:8]} {span(run.periods)}"


def span(periods: Sequence[str]) -> str:
    """Periods in short: the first and the last."""
    if not periods:
        return "-"
    return periods[0] if len(periods) == 1 else f"{periods[0]}..{periods[-1]}"


def _known_periods(settings: Settings) -> set[str] | None:
    try:
        return received_periods(settings.landing) | told_periods(settings.landing)
    except SpmError:
        return None


def _refused(settings: Settings, period: str) -> Problem:
    try:
        listed = held_back(settings.landing, [period])
    except SpmError:
        listed = []
    details = [f"- {found}" for found in listed[:MOST_REGIONS]]
    if (more := len(listed) - MOST_REGIONS) > 0:
        details.append(say("run.more_held_back", count=more))
    command = f"spm report --period {period}"
    return Problem(
        "refused",
        period,
        say("status.refused", at=period),
        (*details, say("status.feedback", command=command)),
        tuple(sorted({rules()[found.rule_id].owner for found in listed if found.rule_id in rules()})),
    )


def _waiting(run: ledger.RunEntry, periods: Sequence[str]) -> Problem:
    hashed = (run.waiting or "")[:12]
    command = f'spm approve {hashed} --name "…" --reason "…"' if hashed else "spm run"
    said = say("status.waits_for_approval", at=span(periods), command=command)
    return Problem("approval", hashed or span(periods), said)


def _incomplete(settings: Settings, runs: Sequence[ledger.RunEntry]) -> list[Problem]:
    """The sources that the last run which asked them for a period could not fetch in full."""
    asked: set[str] = set()
    lacking: dict[str, set[str]] = {}
    for run in runs:
        # a run that failed may not have come to ask
        if run.follows or run.ended in ("died", "stopped") or (run.ended == "failed" and not run.incomplete):
            continue
        for source, periods in run.incomplete.items():
            if new := set(periods) - asked:
                lacking.setdefault(source, set()).update(new)
        asked |= set(run.periods)
    owners = _owners_of_sources(settings) if lacking else {}
    return [
        Problem(
            "source",
            source,
            say("status.incomplete", at=source, periods=", ".join(sorted(periods))),
            owners=tuple(filter(None, [owners.get(source)])),
        )
        for source, periods in sorted(lacking.items())
    ]


def _owners_of_sources(settings: Settings) -> dict[str, str]:
    try:
        specs = load_sources(settings.sources_file) if settings.sources_file else []
    except SourcesError:
        return {}
    return {spec.name: spec.owner for spec in specs if spec.owner}


def _of_gate(settings: Settings, run: ledger.RunEntry, periods: Iterable[str]) -> Iterable[Problem]:
    for period in periods:
        if period not in run.closed:
            continue
        page = Path(run.page) if run.page else None
        listed = [one for one in list_beside(page) if one.period in ("", period)] if page else []
        details = list(_rows_at_fault(page, period)) if page else []
        regions = list(by_region(listed).values())
        for of_region in regions[:MOST_REGIONS]:
            more = f" (+{len(of_region) - 1})" if len(of_region) > 1 else ""
            details.append(f"- {of_region[0].whose}{more}: {of_region[0]}")
        if page and (others := len(regions) - MOST_REGIONS) > 0:
            details.append(say("gate.to_correct_more", count=others, file=page.with_suffix(".csv")))
        details.append(say("status.feedback", command=f"spm report --period {period}"))
        if page:
            details.append(f"{say('gate.page')}: {page}")
            # first: a message that is cut is to have it
            details[:0] = filter(None, [gate_link(settings, page.name)])
        yield Problem(
            "gate",
            period,
            say("status.gate_closed", at=period, why=checks_said(run.closed[period])),
            tuple(details),
            tuple(sorted({one.owner for one in listed if one.owner})),
        )


def gate_link(settings: Settings, page: str) -> str | None:
    """The address of the page on a closed gate, where ``spm serve`` is known to serve it."""
    serving = settings.serving
    return f"{serving.public_url}{GATES}/{page}" if serving.public_url and serving.gates else None


def _rows_at_fault(page: Path, period: str) -> Iterable[str]:
    """Of each check that closed the gate of a period what it found, as kept beside the page."""
    try:
        closing: list[dict[str, Any]] = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    for check in closing:
        if check["period"] != period:
            continue
        yield f"{check['check_id']} {Message(check['sentence_id'], check['sentence_en'])}"
        rows = check["rows"][:MOST_ROWS]
        yield from (f"  {row_said(row)}" for row in rows)
        if not rows and check["detail"]:
            yield f"  {printable(check['detail'])}"
        if (others := max(check["failing_count"], len(check["rows"])) - len(rows)) > 0 and rows:
            yield f"  {message('gate.more_rows', count=others)}"
