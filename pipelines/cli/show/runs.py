"""What a run, a plan, a what-if or a demo is shown as: outcome by outcome, and the headline figures.

Put here: printing runs. Keep out: what was found in a file or a release (``reports``, ``releases``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from pipelines.build.standing import gate_link
from pipelines.cli.show.releases import show_database, show_waiting
from pipelines.cli.show.reports import show_site
from pipelines.cli.show.terminal import err, headings, out, print_both, show_demo_notice, styled
from pipelines.messages import say
from pipelines.publish.releases import Releases
from pipelines.quality.sentences import row_said
from pipelines.reports.headlines import (
    by_index,
    national_by_period,
    reporting_by_period,
    reporting_said,
)
from pipelines.reports.to_correct import ToCorrect, by_region, list_beside
from pipelines.sandbox import weakness
from pipelines.settings import Settings
from pipelines.warehouse.parquet import says_demo

if TYPE_CHECKING:
    from pipelines.build.demo_data import Mixture
    from pipelines.build.plan import Plan
    from pipelines.build.record import RunOutcome
    from pipelines.build.simulate import Simulation
    from pipelines.build.what_if import WhatIf
    from pipelines.cli.demo import DemoOutcome
    from pipelines.quality.verdicts import ClosingCheck
    from pipelines.warehouse.unread import LongAfter

MOST_HELD_BACK = 20
"""Documents shown that cannot be used; the findings of a release name all of them."""

MOST_REGIONS = 10
"""Regions shown that have to correct something; the file beside the page names all."""

MOST_REASONS = 3
"""Failures shown of a source: those of its other periods read alike, and stand in the JSON."""

MOST_ROWS = 3
"""Rows shown of a check that closed a gate; the others are in the file beside its page."""


def show_run(settings: Settings, outcome: RunOutcome, mixture: Mixture) -> None:
    """What a run did, period by period, and the national table of what it published."""
    if weak := weakness():
        out.print(weak, style="yellow", markup=False)
    show_not_built(outcome)
    if outcome.unchanged:
        out.print(say("run.unchanged", periods=", ".join(outcome.unchanged)))
    for period, checks in outcome.closed.items():
        out.print(say("gate.closed", at=period) + f": {', '.join(checks)}", style="red")
        for check in outcome.closing:
            if check.period == period:
                _show_closing(check)
    for page in outcome.pages:
        _show_to_correct(list_beside(Path(page)), list(outcome.closed), Path(page))
        link = gate_link(settings, Path(page).name)
        out.print(say("gate.page") + f": {link or page}", soft_wrap=True)
    _show_sources(outcome)
    _show_unread(outcome)
    show_pinned(outcome)
    if outcome.waiting:
        show_waiting(outcome.waiting)
    show_database(outcome.database)
    show_mixture(mixture)
    if not outcome.published:
        return
    folder = Releases(settings.published).current_folder()
    news = "run.new_release" if outcome.is_new else "run.same_release"
    out.print(say("run.published", at=", ".join(outcome.published)))
    out.print(say(news, release=outcome.release_id))
    out.print(str(folder))
    _national(folder, outcome.published)


def _show_sources(found: RunOutcome | Plan) -> None:
    """The sources that could not be read in full, and those that gave nothing."""
    for source, missing in found.incomplete.items():
        out.print(say("run.incomplete", at=source, periods=", ".join(missing.periods)), style="red")
        for message in missing.messages[:MOST_REASONS]:
            out.print(f"  {message}", soft_wrap=True)
        if (more := len(missing.messages) - MOST_REASONS) > 0:
            out.print("  " + say("run.more_reasons", count=more))
    # what nothing at all was received for is said elsewhere
    for source, periods in found.silent.items():
        if without := [period for period in periods if period not in {*found.skipped, *found.refused}]:
            out.print(say("run.silent", at=source, periods=", ".join(without)), style="yellow")


def show_assumed_windows(closes_on: Mapping[str, str]) -> None:
    """The windows that nobody announced yet, and the row that says when one closes: one line."""
    if not closes_on:
        return
    period, day = next(iter(closes_on.items()))
    said = say("plan.assumed_windows", at=", ".join(closes_on), day=day, row=f"{period},{day},,announced,")
    out.print(said, style="yellow", soft_wrap=True)


def _show_long_after(found: Sequence[LongAfter]) -> None:
    by_source: dict[tuple[str, str], list[LongAfter]] = {}
    for one in found:
        by_source.setdefault((one.source, one.receipt_time), []).append(one)
    for (source, receipt_time), ones in by_source.items():
        said = say(
            "plan.long_after_store" if receipt_time == "store" else "plan.long_after",
            at=source,
            documents=sum(one.documents for one in ones),
            periods=", ".join(one.period for one in ones),
            years=max(one.years for one in ones),
        )
        out.print(said, style="yellow", soft_wrap=True)


def show_not_built(found: RunOutcome | WhatIf | Simulation) -> None:
    """The asked periods that no row was received for."""
    for period in found.skipped:
        out.print(say("run.skipped", at=period))
    for period in found.refused:
        out.print(say("run.all_held_back", at=period), style="red")


def _show_unread(found: RunOutcome | Plan) -> None:
    """What was received, and cannot be used or is of a period that was not asked for."""
    for one in found.held_back[:MOST_HELD_BACK]:
        said = say("run.held_back", at=one.source) + f": {one}"
        out.print(said, style="yellow", soft_wrap=True)
    if (more := len(found.held_back) - MOST_HELD_BACK) > 0:
        out.print(say("run.more_held_back", count=more), style="yellow")
    names: dict[tuple[str, int], list[str]] = {}
    for part in found.unread:
        names.setdefault((part.source, part.documents), []).append(part.name)
    for (source, documents), parts in names.items():
        said = say("run.unread", at=source, documents=documents, names=", ".join(parts))
        out.print(said, style="yellow", soft_wrap=True)
    for period, much in found.unasked.items():
        said = say("run.unasked", at=period, documents=much.documents, rows=much.rows, period=period)
        out.print(said, style="yellow")


def show_pinned(found: RunOutcome | Plan) -> None:
    """The pin, the periods that are not built because of it, and the documents set aside."""
    if found.pin is None:
        return
    out.print(str(found.pin), style="yellow", soft_wrap=True)
    if not found.set_aside:
        return
    out.print("  " + say("pin.set_aside", periods=", ".join(found.set_aside)), soft_wrap=True)
    for one in found.documents_aside[:MOST_HELD_BACK]:
        out.print(f"    {one.source}: {one.document} ({one.received_at:%Y-%m-%d %H:%M} UTC)")
    if (more := len(found.documents_aside) - MOST_HELD_BACK) > 0:
        out.print("    " + say("pin.more_documents", count=more))
    out.print("  " + say("pin.lift"), soft_wrap=True)


def show_mixture(found: Mixture, as_json: bool = False) -> None:
    """That the current release is of made-up data, and which sources are real where it holds both."""
    show_demo_notice(found.is_demo, as_json)
    if found.is_demo and found.real_sources:
        made_up, real = (", ".join(names) for names in (found.demo_sources, found.real_sources))
        said = say("demo.mixed", made_up=made_up or "-", real=real)
        (err if as_json else out).print(f"  {said}", style="red", soft_wrap=True)


def _show_to_correct(found: Sequence[ToCorrect], periods: Sequence[str], page: Path) -> None:
    """What the regions have to correct before a gate opens: the first ones, and how all are told."""
    if not found:
        return
    regions = by_region(found)
    command = "; ".join(f"spm report --period {period}" for period in periods)
    said = say("gate.to_correct", count=len(found), regions=len(regions), command=command)
    out.print(said, style="yellow", soft_wrap=True)
    for of_region in list(regions.values())[:MOST_REGIONS]:
        more = f" (+{len(of_region) - 1})" if len(of_region) > 1 else ""
        out.print(f"  {of_region[0].whose}{more}: {of_region[0]}", soft_wrap=True)
    if (others := len(regions) - MOST_REGIONS) > 0:
        said = say("gate.to_correct_more", count=others, file=page.with_suffix(".csv"))
        out.print(f"  {said}", soft_wrap=True)


def _show_closing(check: ClosingCheck) -> None:
    print_both(check.sentence_id, check.sentence_en, lead=f"{check.check_id} ")
    shown = [row_said(row) for row in check.rows[:MOST_ROWS]]
    for row in shown or [check.detail]:
        out.print(f"    {row}")
    if (others := max(check.failing_count, len(check.rows)) - len(shown)) > 0 and shown:
        out.print("    " + say("gate.more_rows", count=others))
    # with the period: without one the table of the current release is judged
    look = f"spm work {check.period}; spm gate {check.table} {check.period}"
    said = "    " + say("gate.look", table=check.table, commands=look)
    out.print(said, soft_wrap=True, style="dim")


def show_unverified(methods: Sequence[str]) -> None:
    """A warning for each method that scored what was published and that nobody verified."""
    for method in methods:
        out.print(say("method.unverified", method=method), style="yellow", soft_wrap=True)


def show_plan(planned: Plan) -> None:
    """What a run would build, and why."""
    table = Table(*headings("heading.period"), say("column.why_built"))
    for period, why in planned.build.items():
        table.add_row(period, "; ".join(why))
    if planned.build:
        out.print(table)
    if planned.unchanged:
        out.print(say("run.unchanged", periods=", ".join(planned.unchanged)))
    if planned.skipped:
        out.print(say("plan.no_documents", periods=", ".join(planned.skipped)))
    if planned.gaps:
        out.print(say("plan.gaps", periods=", ".join(planned.gaps)), style="yellow")
    if planned.registry_wide:
        said = say("plan.registry_wide", seeds=", ".join(planned.registry_wide))
        out.print(said, style="yellow", soft_wrap=True)
    _show_sources(planned)
    show_assumed_windows(planned.assumed_windows)
    _show_long_after(planned.long_after)
    for period in planned.refused:
        out.print(say("run.all_held_back", at=period), style="red")
    _show_unread(planned)
    show_pinned(planned)
    for source, regions in planned.may_report.items():
        out.print(say("plan.may_report", at=source, regions=regions), markup=False, soft_wrap=True)


def show_tables(folder: Path, periods: Sequence[str]) -> None:
    """Where tables that are no release lie, and their national table."""
    show_demo_notice(says_demo(folder))
    out.print(say("run.no_release"))
    out.print(str(folder))
    _national(folder, periods)


def show_what_if(found: WhatIf) -> None:
    """The national table of a what-if, and where its marts lie."""
    show_demo_notice(says_demo(found.folder))
    out.print(styled((found.method, "bold"), f": {say('what_if.shown')}"))
    show_not_built(found)
    for message in found.incomplete:
        out.print(message, style="red")
    _national(found.folder, found.periods)
    out.print(f"{found.folder}")


def show_demo(settings: Settings, outcome: DemoOutcome) -> None:
    """The demo's end: where the release is, the national table, the ten best and worst regions."""
    folder = Releases(settings.published).current_folder()
    out.print()
    out.print(styled(f"{say('demo.release')} ", (folder.name, "bold")))
    out.print(str(folder))
    show_demo_notice(says_demo(folder))
    out.print(f"{say('demo.sample')}: {outcome.sample_folder}")
    if outcome.database:
        show_database(outcome.database)
        out.print(f"  {say('demo.server_gone')}")
    _national(folder, outcome.periods)
    _league(folder, outcome.periods[-1])
    show_site(outcome.site)


def _national(folder: Path, periods: Sequence[str]) -> None:
    table = Table(
        *headings("heading.period", "heading.national", "heading.province", "heading.regency_city"),
        say("column.band"),
        *headings("heading.reported"),
    )
    for row in national_by_period(folder, periods):
        numbers = [row[scope] for scope in ("national", "province", "regency_city")]
        shown = ["-" if number is None else f"{number:.2f}" for number in numbers]
        table.add_row(row["period"], *shown, row["band_name"] or "-", row["reported"])
    out.print(table)
    # of the newest one alone: each is a long line, and the table counts who reported in all of them
    for period, counts in reporting_by_period(folder, sorted(periods)[-1:]).items():
        out.print(f"{period}: {reporting_said(counts)}", soft_wrap=True)


def _league(folder: Path, period: str) -> None:
    ranked = by_index(folder, period)
    for title, chosen in (("demo.best", ranked[:10]), ("demo.worst", ranked[-10:])):
        table = Table(
            *headings("heading.code"),
            say("column.region"),
            *headings("heading.index"),
            say("column.band"),
            *headings("heading.complete"),
            title=say(title, at=period),
        )
        for row in chosen:
            shown = f"{row['index_display']}"
            complete = "-" if row["complete_percent"] is None else f"{row['complete_percent']} %"
            table.add_row(row["region_code"], row["region_name"], shown, row["band_name"], complete)
        out.print(table)
