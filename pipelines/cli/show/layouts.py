"""What ``spm check --layout`` shows: each line of a document, and the rows or the reason that came of it.

Put here: printing and JSON of it. Keep out: reading (``readers.layouts``).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.show.terminal import out
from pipelines.submissions.rows import Reject

if TYPE_CHECKING:
    from pipelines.readers.layouts.reading import Line

Lines = Iterable[tuple[Path, "list[Line] | Reject"]]


def show_layout(files: Lines) -> None:
    """Each line by its place; below it each row of ours, each value with the cells that it is from."""
    for file, lines in files:
        out.print(str(file), style="bold")
        if isinstance(lines, Reject):
            out.print(f"  {lines.rule_id} {lines.place}: {lines.value}", soft_wrap=True)
            continue
        for line in lines:
            out.print(f"  {line.place}  {line.why}".rstrip(), soft_wrap=True)
            for row in line.rows:
                said = "; ".join(
                    f"{name} = {text}" + (f" ← {place}" if place else "")
                    for name, (text, place) in row.items()
                )
                out.print(f"    → {said}", soft_wrap=True, style="dim")


def layout_as_json(files: Lines) -> list[dict[str, Any]]:
    """The same for machines: a document with its lines, or the rule, place and value of its rejection."""
    found: list[dict[str, Any]] = []
    for file, lines in files:
        if isinstance(lines, Reject):
            rejected = {"rule_id": lines.rule_id, "place": lines.place, "value": lines.value}
            found.append({"document": str(file), "rejected": rejected, "lines": []})
            continue
        listed = [
            {
                "place": line.place,
                "why": line.why,
                "rows": [
                    {name: {"text": text, "from": place} for name, (text, place) in row.items()}
                    for row in line.rows
                ],
            }
            for line in lines
        ]
        found.append({"document": str(file), "rejected": None, "lines": listed})
    return found
