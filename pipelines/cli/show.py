"""What a person sees in the terminal: progress while a run works, tables when it is done.

Put here: printing. Keep out: finding out what to print.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from pipelines import progress
from pipelines.messages import say
from pipelines.publish.releases import Releases
from pipelines.registry.windows import JAKARTA
from pipelines.reports.headlines import by_index, national_by_period
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.build.keep import JudgedTable, KeptWork
    from pipelines.build.plan import Plan
    from pipelines.build.rebuild import Rebuilt
    from pipelines.build.record import RunOutcome
    from pipelines.build.what_if import WhatIf
    from pipelines.cli.demo import DemoOutcome
    from pipelines.publish.diff import Difference
    from pipelines.publish.open_data.export import Exported
    from pipelines.quality.verdicts import ClosingCheck
    from pipelines.reports.feedback.workbooks import FeedbackWritten
    from pipelines.reports.site.pages import SiteWritten

MOST_ROWS = 3
"""Rows shown of a check that closed a gate; the others are in the file beside its page."""

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


class _Spinner:
    """One line that says what is being done; steps stay behind as they pass when there is no terminal."""

    def __init__(self) -> None:
        self.status = err.status("spm", spinner="dots") if err.is_terminal else None
        self.text, self.count = "", 0

    def step(self, text: str) -> None:
        self.text, self.count = text, 0
        if self.status:
            self.status.update(text)
        else:
            print(f"spm: {text}", file=sys.stderr)

    def advance(self, count: int) -> None:
        self.count += count
        if self.status:
            self.status.update(f"{self.text}: {self.count}")


@contextmanager
def progress_on_terminal() -> Iterator[None]:
    """Show the progress of what happens inside on standard error."""
    spinner = _Spinner()
    with progress.shown_by(spinner):
        if spinner.status:
            with spinner.status:
                yield
        else:
            yield


def show_run(settings: Settings, outcome: RunOutcome) -> None:
    """What a run did, period by period, and the national table of what it published."""
    for period in outcome.skipped:
        out.print(say("run.skipped", at=period))
    if outcome.unchanged:
        out.print(say("run.unchanged", periods=", ".join(outcome.unchanged)))
    for period, checks in outcome.closed.items():
        out.print(say("gate.closed", at=period) + f": {', '.join(checks)}", style="red")
        for check in outcome.closing:
            if check.period == period:
                _show_closing(check)
    for page in outcome.pages:
        out.print(say("gate.page") + f": {page}", markup=False, soft_wrap=True)
    for source, found in outcome.incomplete.items():
        out.print(say("run.incomplete", at=source, periods=", ".join(found.periods)), style="red")
        for message in found.messages:
            out.print(f"  {message}", markup=False)
    if outcome.waiting:
        show_waiting(outcome.waiting)
    show_database(outcome.database)
    if not outcome.published:
        return
    folder = Releases(settings.published).current_folder()
    news = "run.new_release" if outcome.is_new else "run.same_release"
    out.print(say("run.published", at=", ".join(outcome.published)))
    out.print(f"{say(news, release=outcome.release_id)}\n{folder}")
    _national(folder, outcome.published)


def _show_closing(check: ClosingCheck) -> None:
    out.print(f"  {check.check_id} {check.sentence_id}", markup=False)
    out.print(f"  {check.sentence_en}", markup=False, style="dim")
    shown = [", ".join(f"{name}={value}" for name, value in row.items()) for row in check.rows[:MOST_ROWS]]
    for row in shown or [check.detail]:
        out.print(f"    {row}", markup=False)
    if (others := max(check.failing_count, len(check.rows)) - len(shown)) > 0 and shown:
        out.print("    " + say("gate.more_rows", count=others), markup=False)


def show_unverified(methods: Sequence[str]) -> None:
    """A warning for each method that scored what was published and that nobody verified."""
    for method in methods:
        out.print(say("method.unverified", method=method), style="yellow", markup=False, soft_wrap=True)


def show_database(came: Mapping[str, Any] | None) -> None:
    """The result of loading a release into the database; nothing where there is none."""
    if came is None:
        return
    if "failed" in came:
        out.print(f"[red]{escape(came['failed'])}[/red]", soft_wrap=True)
    elif came["rows"]:
        said = say(
            "postgres.loaded",
            at="PostgreSQL",
            release=came["release_id"],
            rows=came["rows"],
            tables=came["tables"],
            seconds=f"{came['seconds']:.1f}",
        )
        out.print(said)
    else:
        out.print(say("postgres.holds_already", at="PostgreSQL", release=came["release_id"]))


def show_waiting(waiting: Mapping[str, Any]) -> None:
    """What a release that waits for approval would change, who approved so far, and what is to be done."""
    periods, approved = ", ".join(waiting["periods"]), waiting["approved_by"]
    out.print(say("waiting.not_published", at=periods), style="red")
    for point in waiting["points"]:
        out.print(f"  {_point(point)}", markup=False)
    out.print(f"  {waiting['folder']}/summary.json", markup=False, soft_wrap=True)
    for other in waiting["stale"]:
        out.print(f"  {say('waiting.stale', hash=other)}", markup=False)
    persons = ", ".join(approved) or "-"
    out.print(f"  {say('waiting.approved_by', persons=persons, given=len(approved))}", markup=False)
    short = waiting["hash"][:12]
    out.print(
        f"  {say('waiting.run_again')}"
        if len(approved) > 1
        else f'  spm approve {short} --name "…" --reason "…"',
        markup=False,
    )


def _point(point: Mapping[str, Any]) -> str:
    if "scope" in point:
        moved = f"{point['index_before']} → {point['index_now'] or '-'}"
        return say("waiting.national_index", at=point["period"], scope=point["scope"], moved=moved)
    return say(
        "waiting.regions_moved",
        at=point["period"],
        moved=point["regions_moved"],
        published=point["regions_published"],
    )


def show_plan(planned: Plan) -> None:
    """What a run would build, and why."""
    table = Table("periode", say("column.why_built"))
    for period, why in planned.build.items():
        table.add_row(period, "; ".join(why))
    if planned.build:
        out.print(table)
    if planned.unchanged:
        out.print(say("run.unchanged", periods=", ".join(planned.unchanged)))
    if planned.skipped:
        out.print(say("plan.no_documents", periods=", ".join(planned.skipped)))


def show_tables(folder: Path, periods: Sequence[str]) -> None:
    """Where tables that are no release lie, and their national table."""
    out.print(f"{say('run.no_release')}\n{folder}")
    _national(folder, periods)


def show_rebuilt(found: Rebuilt) -> None:
    """Whether a release came out the same when it was built again."""
    release, tables, before = found.release_id, found.tables, len(found.ancestors)
    if found.unlike:
        out.print(say("rebuild.differs", at=release, tables=", ".join(found.unlike)), style="red")
        if found.other_code:
            out.print(say("rebuild.other_code"))
    elif before:
        out.print(say("rebuild.equal_after", at=release, tables=tables, releases=before))
    else:
        out.print(say("rebuild.equal", at=release, tables=tables))


def show_what_if(found: WhatIf) -> None:
    """The national table of a what-if, and where its marts lie."""
    out.print(f"[bold]{found.method}[/bold]: {say('what_if.shown')}")
    for period in found.skipped:
        out.print(say("run.skipped", at=period))
    for message in found.incomplete:
        out.print(message, markup=False, style="red")
    _national(found.folder, found.periods)
    out.print(f"{found.folder}", markup=False)


def show_demo(settings: Settings, outcome: DemoOutcome) -> None:
    """The demo's end: where the release is, the national table, the ten best and worst regions."""
    folder = Releases(settings.published).current_folder()
    out.print(f"\n{say('demo.release')} [bold]{folder.name}[/bold]\n{folder}")
    out.print(f"{say('demo.sample')}: {outcome.sample_folder}")
    if outcome.database:
        show_database(outcome.database)
        out.print(f"  {say('demo.server_gone')}")
    _national(folder, outcome.periods)
    _league(folder, outcome.periods[-1])
    show_site(outcome.site)


def show_work(kept: KeptWork) -> None:
    """Where a kept work file lies, what failed in it, and the lines that work with it."""
    out.print(f"{', '.join(kept.periods)}: {kept.work_file}", markup=False, soft_wrap=True)
    for sentence in kept.failed:
        out.print(f"  {sentence}", style="red", markup=False, soft_wrap=True)
    if kept.failed:
        out.print(f"  {say('kept.failed')}", style="red", markup=False)
    table, python = "mart_region_score", shlex.quote(sys.executable)
    looking = f"import duckdb; db = duckdb.connect({str(kept.work_file)!r}, read_only=True)"
    for said, lines in {
        "kept.dbt": (
            f". {shlex.quote(str(kept.environment))}",
            f"dbt build --select {table}",
            f"dbt test --select {table}",
        ),
        "kept.prompt": (f"{python} -ic {shlex.quote(looking)}", f'db.sql("from marts.{table}")'),
        "kept.gate": (f"spm gate {table} --work {shlex.quote(str(kept.folder))}",),
        "kept.remove": (f"rm -r {shlex.quote(str(kept.folder))}",),
    }.items():
        out.print(f"# {say(said)}", style="dim", markup=False)
        for line in lines:
            out.print(f"  {line}", markup=False, soft_wrap=True)


def show_kept(work_files: Sequence[Path]) -> None:
    """The kept work files: when they were made, and how large they are."""
    for path in work_files:
        made, size = datetime.fromtimestamp(path.stat().st_mtime, JAKARTA), path.stat().st_size / 2**20
        out.print(f"{made:%Y-%m-%d %H:%M} {size:.0f} MB {path}", markup=False, soft_wrap=True)


def show_judged(judged: JudgedTable) -> None:
    """Each check of a suite with its sentence, and the rows that failed it."""
    out.print(f"{judged.table}, {', '.join(judged.periods)}: {judged.origin}", markup=False, soft_wrap=True)
    for check, verdict in judged.verdicts:
        status = verdict.status if verdict else "-"
        colour = {"pass": "green", "warn": "yellow", "-": "dim"}.get(status, "red")
        head = f"[{colour}]{status:5}[/{colour}] {check.check_id} ({check.severity})"
        out.print(f"{head} {escape(check.sentence_id)}")
        out.print(f"      {check.sentence_en}", markup=False, style="dim")
        if verdict is None:
            out.print(f"      {say('gate.needs_candidate')}", markup=False)
            continue
        if verdict.status != "pass":
            out.print(f"      {verdict.detail}", markup=False, soft_wrap=True)
        for row in verdict.failing_rows:
            shown = ", ".join(f"{name}={value}" for name, value in row.items())
            out.print(f"        {shown}", markup=False, soft_wrap=True)
        if (more := verdict.failing_count - len(verdict.failing_rows)) > 0 and verdict.failing_rows:
            out.print(f"        {say('gate.more_rows', count=more)}", markup=False)


def show_rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A plain table; columns of whole numbers stand to the right."""
    table = Table(*header)
    for column, values in zip(table.columns, zip(*rows, strict=True), strict=False):
        column.justify = "right" if all(value.isdecimal() for value in values) else "left"
    for row in rows:
        table.add_row(*row)
    out.print(table)


def show_findings(findings: Sequence[Mapping[str, Any]]) -> None:
    """Each finding with its place; Indonesian first."""
    for found in findings:
        colour = {"fatal": "red", "warning": "yellow"}.get(found["severity"], "cyan")
        out.print(f"[{colour}]{found['rule_id']}[/{colour}] {found['document']} {found['place']}")
        out.print(f"  {found['message_id']}", markup=False)
        out.print(f"  {found['message_en']}", markup=False, style="dim")
    fatal = sum(found["severity"] == "fatal" for found in findings)
    out.print(say("check.found", count=len(findings), fatal=fatal))


def show_feedback(written: FeedbackWritten) -> None:
    """How many workbooks were written for each period, and who gets none."""
    table = Table(
        "periode",
        say("column.workbooks"),
        "dokumen",
        say("column.fatal"),
        say("column.warnings"),
        "tidak mengirim",
    )
    for found in written.periods:
        counts = (found.workbooks, found.documents, found.fatal, found.warnings, found.silent)
        table.add_row(found.period, *map(str, counts))
    if written.periods:
        out.print(table)
    else:
        out.print(say("feedback.none_sent"))
    for name in written.unaddressed:
        out.print(say("feedback.no_address", at=name), markup=False)
    out.print(f"{written.release_id}\n{written.folder}")


def show_site(written: SiteWritten | None) -> None:
    """Where to open the report site; nothing where none was written."""
    if written is not None:
        size = f"{written.bytes / 2**20:.1f}"
        out.print(say("site.written", files=written.files, size=size), soft_wrap=True)
        out.print(written.index, markup=False, soft_wrap=True)


def show_exported(written: Exported) -> None:
    """Where the open data of a release lie, and what a portal will miss in them."""
    said = say(
        "export.written",
        at=written.release_id,
        tables=written.tables,
        rows=written.rows,
        files=written.files,
        size=f"{written.bytes / 2**20:.1f}",
    )
    out.print(said, soft_wrap=True)
    out.print(written.folder, markup=False, soft_wrap=True)
    if written.lacking:
        lacking = say("export.lacking", options=", ".join(written.lacking))
        out.print(lacking, markup=False, soft_wrap=True)


def show_releases(listed: Sequence[Mapping[str, Any]]) -> None:
    """One line a release."""
    table = Table("", "release", "published at", "periods")
    for found in listed:
        periods = found["periods"]
        span = periods[0] if len(periods) == 1 else f"{periods[0]} … {periods[-1]} ({len(periods)})"
        table.add_row("→" if found["is_current"] else "", found["release_id"], found["published_at"], span)
    out.print(table)


def show_difference(found: Difference) -> None:
    """How many cells changed and why, then the cells themselves."""
    out.print(f"{found.old} → {found.new}")
    for note in found.notes:
        out.print(f"  {note}", markup=False)
    if not found.total:
        out.print(say("diff.no_cell"))
        return
    summary = Table(*map(say, ("column.table", "column.reason", "column.cells", "column.regions")))
    for row in found.summary:
        summary.add_row(row["table_name"], row["reason"] or "-", str(row["cells"]), str(row["regions"]))
    out.print(summary)
    cells = Table(
        say("column.key"),
        say("column.column"),
        say("column.old"),
        say("column.new"),
        say("column.reason"),
        "dokumen",
    )
    for row in found.cells:
        shown = [row[name] for name in ("key", "column_name", "old", "new", "reason", "caused_by")]
        cells.add_row(*(Text("-" if value is None else str(value)) for value in shown))
    if found.cells:
        out.print(cells)
    if len(found.cells) < found.total:
        out.print(say("diff.first_of", shown=len(found.cells), total=found.total))


def show_explanation(explanation: Mapping[str, Any]) -> None:
    """The tree from a score to its cells."""
    tree = Tree(Text(explanation["title"]))
    _branch(tree, explanation["children"])
    out.print(tree)


def _branch(tree: Tree, children: Sequence[Mapping[str, Any]]) -> None:
    for child in children:
        _branch(tree.add(Text(child["title"])), child["children"])


def _national(folder: Path, periods: Sequence[str]) -> None:
    table = Table("periode", "nasional", "provinsi", "kab/kota", say("column.band"), "lapor")
    for row in national_by_period(folder, periods):
        numbers = [row[scope] for scope in ("national", "province", "regency_city")]
        shown = ["-" if number is None else f"{number:.2f}" for number in numbers]
        table.add_row(row["period"], *shown, row["band_name"] or "-", row["reported"])
    out.print(table)


def _league(folder: Path, period: str) -> None:
    ranked = by_index(folder, period)
    for title, chosen in (("demo.best", ranked[:10]), ("demo.worst", ranked[-10:])):
        table = Table(
            "kode",
            say("column.region"),
            "indeks",
            say("column.band"),
            title=say(title, at=period),
        )
        for row in chosen:
            shown = f"{row['index_display']}"
            table.add_row(row["region_code"], row["region_name"], shown, row["band_name"])
        out.print(table)
