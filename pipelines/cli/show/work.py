"""What a kept work file and the suite of one table are shown as.

Put here: printing what a developer looks at. Keep out: making it (``build.keep``).
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.cli.show.terminal import out, styled
from pipelines.messages import LANGUAGES, is_shown, say
from pipelines.registry.windows import JAKARTA

if TYPE_CHECKING:
    from pipelines.build.keep import JudgedTable, KeptWork
    from pipelines.warehouse.column_lineage import Column


def show_lineage(
    column: str, made_from: Sequence[Column] | None, origins: Sequence[Column], lost: Sequence[Column]
) -> None:
    """What a column is made from at once, and what it comes from in the end, a table a line."""
    for said, columns in (
        ("lineage.made_from", made_from or ()),
        ("lineage.comes_from", origins),
        ("lineage.not_traced", lost),
    ):
        if columns:
            out.print(f"{column}: {say(said)}", soft_wrap=True)
        for table, of_table in groupby(
            columns, key=lambda one: ".".join(filter(None, [one.schema, one.table]))
        ):
            out.print(f"  {table}: {', '.join(one.name for one in of_table)}", soft_wrap=True)
    if made_from is not None and not made_from:
        out.print(f"{column}: {say('lineage.nothing')}", soft_wrap=True)


def show_work(kept: KeptWork) -> None:
    """Where a kept work file lies, what failed in it, and the lines that work with it."""
    out.print(f"{', '.join(kept.periods)}: {kept.work_file}", soft_wrap=True)
    for sentence in kept.failed:
        out.print(f"  {sentence}", style="red", soft_wrap=True)
    if kept.failed:
        out.print(f"  {say('kept.failed')}", style="red")
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
        out.print(f"# {say(said)}", style="dim")
        for line in lines:
            out.print(f"  {line}", soft_wrap=True)


def show_kept(work_files: Sequence[Path]) -> None:
    """The kept work files: when they were made, and how large they are."""
    if not work_files:
        out.print(say("kept.no_work"))
    for path in work_files:
        made, size = datetime.fromtimestamp(path.stat().st_mtime, JAKARTA), path.stat().st_size / 2**20
        out.print(f"{made:%Y-%m-%d %H:%M} {size:.0f} MB {path}", soft_wrap=True)


def show_judged(judged: JudgedTable) -> None:
    """Each check of a suite with its sentence, and the rows that failed it."""
    out.print(f"{judged.table}, {', '.join(judged.periods)}: {judged.origin}", soft_wrap=True)
    for check, verdict in judged.verdicts:
        status = verdict.status if verdict else "-"
        colour = {"pass": "green", "warn": "yellow", "-": "dim"}.get(status, "red")
        said, *in_english = [
            text
            for language, text in zip(LANGUAGES, (check.sentence_id, check.sentence_en), strict=True)
            if is_shown(language)
        ]
        out.print(styled((f"{status:5}", colour), f" {check.check_id} ({check.severity}) {said}"))
        for text in in_english:
            out.print(f"      {text}", style="dim")
        if verdict is None:
            out.print(f"      {say('gate.needs_candidate')}")
            continue
        if verdict.status != "pass":
            out.print(f"      {verdict.detail}", soft_wrap=True)
        for row in verdict.failing_rows:
            shown = ", ".join(f"{name}={value}" for name, value in row.items())
            out.print(f"        {shown}", soft_wrap=True)
        if (more := verdict.failing_count - len(verdict.failing_rows)) > 0 and verdict.failing_rows:
            out.print(f"        {say('gate.more_rows', count=more)}")
