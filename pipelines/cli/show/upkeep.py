"""What pruning, backups and a home before an upgrade are shown as.

Put here: printing them. Keep out: making them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.cli.show.terminal import out
from pipelines.messages import say
from pipelines.settings import MB

if TYPE_CHECKING:
    from pipelines.build.prune import PrunePlan


def show_prune(plan: PrunePlan, *, is_plan: bool) -> None:
    """What goes, a line each, and how much disk comes back."""
    for pruned in plan.releases.pruned:
        said = say("prune.release", at=pruned.release_id, files=len(pruned.files), size=_mb(pruned.bytes))
        out.print(said, soft_wrap=True)
        if not pruned.is_buildable:
            out.print(f"  {say('prune.other_code')}", style="yellow", soft_wrap=True)
    for old in plan.old:
        said = say("prune.old", at=f"{old.what}/", count=len(old.paths), size=_mb(old.bytes))
        out.print(said, soft_wrap=True)
    if plan.dagster_runs:
        out.print(say("prune.dagster", at="dagster/", count=plan.dagster_runs))
    if is_plan:
        for release_id, why in plan.releases.kept.items():
            out.print(say("prune.kept", at=release_id, why="; ".join(why)), soft_wrap=True)
    if not (plan.releases.pruned or plan.old or plan.dagster_runs):
        out.print(say("prune.nothing"))
    else:
        out.print(say("prune.bytes" if is_plan else "prune.done", size=_mb(plan.bytes)))


def _mb(size: int) -> str:
    return f"{size / MB:.1f}"
