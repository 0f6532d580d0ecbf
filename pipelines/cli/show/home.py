"""What a new home, and the rows of its registry, are shown as.

Put here: printing them. Keep out: writing (``build.init_home``), comparing (``build.registry_review``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipelines.cli.show.terminal import out
from pipelines.messages import say

if TYPE_CHECKING:
    from pipelines.build.init_home import NewHome
    from pipelines.build.registry_review import Review
    from pipelines.settings import Settings


def show_new_home(made: NewHome) -> None:
    """What was written, what was there, and what to do next."""
    for name in made.written:
        out.print(say("init.written", at=made.home / name), soft_wrap=True)
    for name in made.kept:
        out.print(say("init.kept", at=made.home / name), soft_wrap=True)
    out.print(say("init.next", at=made.home / "sources.yaml"), soft_wrap=True)
    out.print(f"  set -a; . {made.home / 'spm.env'}; set +a", soft_wrap=True)


def show_checked(settings: Settings, files: Mapping[str, int]) -> None:
    """The files that are in order, with their numbers of rows."""
    if not files:
        out.print(say("registry.none", at=settings.registry), soft_wrap=True)
    for file, count in files.items():
        out.print(say("registry.in_order", at=file, count=count), soft_wrap=True)


def show_review(found: Review) -> None:
    """A line for each row that differs, with what it says now, and the periods that are built again."""
    against = say("registry.seeds_of_code") if found.against == "seeds" else found.against
    if not found.rows:
        out.print(say("registry.no_difference", at=against), soft_wrap=True)
    for row in found.rows:
        sign = {"added": "+", "removed": "-", "changed": "~"}[row.kind]
        holds = row.periods or say("registry.every_period")
        out.print(f"{sign} {row.place} {row.seed} {row.key} [{holds}]", soft_wrap=True)
        names = (
            row.before if row.kind == "changed" else {name: "" for name, text in row.cells.items() if text}
        )
        for name in names:
            was = f"{row.before[name] or '-'} → " if row.before else ""
            out.print(f"    {name}: {was}{row.cells[name] or '-'}", soft_wrap=True)
    if found.builds:
        out.print(say("registry.builds", periods=", ".join(found.builds)), soft_wrap=True)
