"""What the ledger of runs and the state of a home are shown as.

Put here: printing them. Keep out: gathering them (``build.ledger``, ``build.health``).
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Column, Table

from pipelines.build.health import Health
from pipelines.build.ledger import RunEntry
from pipelines.cli.show.terminal import headings, out
from pipelines.messages import say
from pipelines.reports.headlines import reporting_said
from pipelines.settings import MB


def show_entries(found: Sequence[RunEntry]) -> None:
    """One line a run, the latest first."""
    if not found:
        out.print(say("runs.none"))
        return
    begun_at, *others = headings(
        "heading.started_at",
        "heading.door",
        "heading.period",
        "heading.ended",
        "heading.release",
        "heading.seconds",
    )
    table = Table(Column(begun_at, no_wrap=True), "run", *others)
    for entry in found:
        periods = entry.periods
        span = periods[0] if len(periods) == 1 else f"{periods[0]}..{periods[-1]}" if periods else "-"
        seconds = "-" if entry.seconds is None else f"{entry.seconds:.0f}"
        begun = f"{entry.started_at:%Y-%m-%d %H:%M}"
        shown = (begun, entry.run_id[:8], entry.door, span, entry.ended, entry.release_id or "-", seconds)
        table.add_row(*shown)
    out.print(table)


def show_health(found: Health) -> None:
    """The release, the last run, the disk; then what somebody has to look at."""
    release = f"{found.release_id} ({found.published_at})" if found.release_id else "-"
    place = f"{found.home} [{found.environment}]" if found.environment else found.home
    out.print(say("status.release", at=place, release=release), soft_wrap=True, markup=False)
    if found.reporting:
        out.print(f"{max(found.periods)}: {reporting_said(found.reporting)}", soft_wrap=True)
    if found.pin is not None:
        out.print(str(found.pin), style="yellow", soft_wrap=True)
    if found.last_run is not None:
        show_entries([found.last_run])
    out.print(say("status.free", free=found.free_bytes // MB))
    if found.writer is not None:
        out.print(found.writer, soft_wrap=True)
    for service in found.services:
        if not service.is_well and not service.problem:
            since = f"{service.seen_at:%Y-%m-%d %H:%M} UTC" if service.seen_at else "-"
            out.print(say("status.service", name=service.name, since=since), soft_wrap=True)
    said: set[str] = set()
    for one in found.standing:
        if one.sentence in said:
            continue
        said.add(one.sentence)
        out.print(one.sentence, style="red", soft_wrap=True)
        for line in one.details:
            out.print(f"  {line}", style="dim", soft_wrap=True)
    for problem in found.problems:
        if problem not in said:
            out.print(problem, style="red", soft_wrap=True)
    if not found.problems:
        out.print(say("status.well"))
