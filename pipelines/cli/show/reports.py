"""What explanations, findings, feedback workbooks and the site are shown as.

Put here: printing what a region reads or asks. Keep out: the texts themselves (``reports``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.tree import Tree

from pipelines.cli.show.terminal import headings, out, print_both, show_demo_notice, styled
from pipelines.messages import printable, say
from pipelines.submissions.reading_spec import regions_said

if TYPE_CHECKING:
    from pipelines.reports.feedback.workbooks import FeedbackWritten
    from pipelines.reports.site.pages import SiteWritten
    from pipelines.sources.of_files import Checked


def show_explanation(explanation: Mapping[str, Any]) -> None:
    """The tree from a score to its cells."""
    show_demo_notice(bool(explanation.get("is_demo")))
    if why := explanation.get("why"):
        out.print(why, markup=False)
    tree = Tree(explanation["title"])
    _branch(tree, explanation["children"])
    out.print(tree)


def _branch(tree: Tree, children: Sequence[Mapping[str, Any]]) -> None:
    for child in children:
        _branch(tree.add(child["title"]), child["children"])


def show_bindings(readings: Sequence[Checked]) -> None:
    """For whom each file may report, where its source is bound to regions."""
    for file, spec, folder, _ in readings:
        if spec.regions:
            said = say("check.may_report", source=spec.name, regions=regions_said(spec), folder=folder or "-")
            out.print(f"{file.name}: {said}", markup=False, soft_wrap=True)


def show_findings(findings: Sequence[Mapping[str, Any]]) -> None:
    """Each finding with its place, fatal ones first; Indonesian first."""
    words = {"fatal": say("column.fatal"), "warning": say("check.warning")}
    for found in sorted(findings, key=lambda one: one["severity"] != "fatal"):
        colour = {"fatal": "red", "warning": "yellow"}.get(found["severity"], "cyan")
        place = f"{found['document']} {found['place']}".rstrip()
        grade = words.get(found["severity"], found["severity"])
        out.print(styled((found["rule_id"], colour), f" {printable(place)} ({grade})"))
        print_both(found["message_id"], found["message_en"])
    fatal = sum(found["severity"] == "fatal" for found in findings)
    out.print(say("check.found", count=len(findings), fatal=fatal))


def show_feedback(written: FeedbackWritten) -> None:
    """How many workbooks were written for each period, and who gets none."""
    show_demo_notice(written.is_demo)
    table = Table(
        *headings("heading.period"),
        say("column.workbooks"),
        *headings("heading.documents"),
        say("column.fatal"),
        say("column.warnings"),
        *headings("heading.silent"),
    )
    for found in written.periods:
        counts = (found.workbooks, found.documents, found.fatal, found.warnings, found.silent)
        table.add_row(found.period, *map(str, counts))
    if written.periods:
        out.print(table)
    else:
        out.print(say("feedback.none_sent"))
    for name in written.unaddressed:
        out.print(say("feedback.no_address", at=name))
    out.print(written.release_id or say("feedback.unpublished"))
    out.print(str(written.folder))


def show_site(written: SiteWritten | None) -> None:
    """Where to open the report site; nothing where none was written."""
    if written is not None:
        size = f"{written.bytes / 2**20:.1f}"
        out.print(say("site.written", files=written.files, size=size), soft_wrap=True)
        out.print(written.index, soft_wrap=True)
