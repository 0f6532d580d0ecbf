"""What a release, its approval, its differences and its copies are shown as.

Put here: printing releases. Keep out: making them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.table import Column, Table

from pipelines.cli.show.terminal import headings, out, show_demo_notice
from pipelines.messages import say
from pipelines.settings import MB

if TYPE_CHECKING:
    from pipelines.build.evidence import Evidence
    from pipelines.build.rebuild import Rebuilt
    from pipelines.publish.chain import History
    from pipelines.publish.diff import Difference
    from pipelines.publish.open_data.export import Exported
    from pipelines.publish.pin import Pin
    from pipelines.publish.signatures import Signature


def show_releases(listed: Sequence[Mapping[str, Any]], pin: Pin | None) -> None:
    """One line a release, and the pin of the current one."""
    if not listed:
        out.print(say("release.nothing_published"))
        return
    release, *others = headings("heading.release", "heading.published_at", "heading.period")
    table = Table("", Column(release, no_wrap=True), *others)
    if any(found["is_demo"] for found in listed):
        table.add_column("data", no_wrap=True)
    for found in listed:
        periods = found["periods"]
        span = periods[0] if len(periods) == 1 else f"{periods[0]} … {periods[-1]} ({len(periods)})"
        mark, made_up = "→" if found["is_current"] else "", ["DEMO"] if found["is_demo"] else []
        table.add_row(mark, found["release_id"], found["published_at"], span, *made_up)
    out.print(table)
    for found in listed:
        if found["pruned"]:
            out.print(f"{found['release_id']}: {found['pruned']}", style="yellow", soft_wrap=True)
    if pin is not None:
        out.print(str(pin), style="yellow", soft_wrap=True)


def show_waiting(waiting: Mapping[str, Any]) -> None:
    """What a release that waits for approval would change, who approved so far, and what is to be done."""
    periods, approved = ", ".join(waiting["periods"]), waiting["approved_by"]
    out.print(say("waiting.not_published", at=periods), style="red")
    for point in waiting["points"]:
        out.print(f"  {_point(point)}")
    out.print(f"  {waiting['folder']}/summary.json", soft_wrap=True)
    for other in waiting["stale"]:
        out.print(f"  {say('waiting.stale', hash=other)}")
    persons = ", ".join(approved) or "-"
    out.print(f"  {say('waiting.approved_by', persons=persons, given=len(approved))}")
    short = waiting["hash"][:12]
    out.print(
        f"  {say('waiting.run_again')}"
        if len(approved) > 1
        else f'  spm approve {short} --name "…" --reason "…"'
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


def show_database(came: Mapping[str, Any] | None) -> None:
    """The result of loading a release into the database; nothing where there is none."""
    if came is None:
        return
    if "failed" in came:
        out.print(came["failed"], style="red", soft_wrap=True)
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


def show_difference(found: Difference) -> None:
    """How many cells changed and why, then the cells themselves."""
    out.print(f"{found.old} → {found.new}")
    for note in found.notes:
        out.print(f"  {note}")
    if not found.total:
        out.print(say("diff.no_cell"))
        return
    summary = Table(*headings("column.table", "column.reason", "column.cells", "column.regions"))
    for row in found.summary:
        summary.add_row(row["table_name"], row["reason"] or "-", str(row["cells"]), str(row["regions"]))
    out.print(summary)
    for table, cells in groupby(found.cells, key=itemgetter("table_name")):
        _show_cells(table, list(cells))
    if len(found.cells) < found.total:
        out.print(say("diff.first_of", shown=len(found.cells), total=found.total))


def _show_cells(name: str, cells: Sequence[Mapping[str, Any]]) -> None:
    """The cells of one table: its key as columns, but for what is the same in all of them, said above."""
    keys = [json.loads(cell["key"]) for cell in cells]
    names = list(dict.fromkeys(column for key in keys for column in key))
    same = {column: keys[0].get(column) for column in names if len({key.get(column) for key in keys}) == 1}
    out.print()
    said = [f"{column}={value}" for column, value in same.items() if value is not None]
    out.print(" ".join([name, *said]), style="bold")
    varying = [column for column in names if column not in same]
    table = Table(
        *varying,
        *headings("column.column", "column.old", "column.new", "column.reason"),
        *headings("heading.documents"),
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for key, cell in zip(keys, cells, strict=True):
        values = [cell[one] for one in ("column_name", "old", "new", "reason", "caused_by")]
        table.add_row(*("-" if one is None else str(one) for one in (*map(key.get, varying), *values)))
    out.print(table)


def show_evidence(release_id: str, found: Evidence | None) -> None:
    """What a release is built again from, all of it as it was kept."""
    if found is None:
        out.print(say("raw.not_here", at=release_id), soft_wrap=True)
        return
    said = say(
        "raw.all_there",
        at=release_id,
        documents=found.documents,
        megabytes=f"{found.bytes / MB:.1f}",
        receipts=found.receipts,
        registries=found.registries,
    )
    out.print(said, soft_wrap=True)


def show_history(history: History, signature: Signature | None) -> None:
    """How far back a release is proved, and who signed it."""
    last, first = history.line[0].release_id, history.line[-1].release_id
    if len(history.line) > 1:
        said = say("chain.proved", at=last, releases=history.proved, line=len(history.line) - 1, first=first)
        out.print(said, soft_wrap=True)
    if history.early:
        out.print(say("chain.early", at=history.early), style="yellow", soft_wrap=True)
    if signature:
        said = say("signature.good", at=last, signed=signature.signed_at, key=signature.key_sha256)
        out.print(said, soft_wrap=True)


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
    if found.repaired:
        out.print(say("rebuild.repaired", at=release, files=", ".join(found.repaired)))
    if found.pruned:
        out.print(f"{release}: {found.pruned}", style="yellow", soft_wrap=True)
    if found.damaged:
        out.print(say("rebuild.damaged", at=release, files=", ".join(found.damaged)), style="red")


def show_exported(written: Exported) -> None:
    """Where the open data of a release lie, and what a portal will miss in them."""
    show_demo_notice(written.is_demo)
    said = say(
        "export.written",
        at=written.release_id,
        tables=written.tables,
        rows=written.rows,
        files=written.files,
        size=f"{written.bytes / 2**20:.1f}",
    )
    out.print(said, soft_wrap=True)
    out.print(written.folder, soft_wrap=True)
    if written.lacking:
        lacking = say("export.lacking", options=", ".join(written.lacking))
        out.print(lacking, soft_wrap=True)
