"""What pruning, backups and a home before an upgrade are shown as.

Put here: printing them. Keep out: making them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.cli.show.terminal import out
from pipelines.messages import Message, say
from pipelines.settings import MB

if TYPE_CHECKING:
    from pipelines.build.backup import Index
    from pipelines.build.prune import PrunePlan
    from pipelines.build.upgrade import Fitness


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
            out.print(say("prune.kept", at=release_id, why=_joined(why)), soft_wrap=True)
    if not (plan.releases.pruned or plan.old or plan.dagster_runs):
        out.print(say("prune.nothing"))
    else:
        out.print(say("prune.bytes" if is_plan else "prune.done", size=_mb(plan.bytes)))


def show_backup(target: Path, index: Index) -> None:
    """What a backup holds, what it leaves out, and what of it was damaged already."""
    size = sum(saved.bytes for saved in index.files.values())
    counted = say(
        "backup.written", at=target, files=len(index.files), size=_mb(size), releases=len(index.releases)
    )
    out.print(counted, soft_wrap=True)
    for name in index.left_out:
        out.print(say("backup.left_out", at=name), style="yellow", soft_wrap=True)
    out.print(say("backup.apart"), soft_wrap=True)
    for name in index.damaged:
        out.print(say("backup.damaged", at=name), style="red", soft_wrap=True)


def show_restored(home: Path, index: Index) -> None:
    """That a home was made from a backup, and of when."""
    said = say(
        "restore.done", at=home, files=len(index.files), day=index.made_at, release=index.current or "-"
    )
    out.print(said, soft_wrap=True)
    for name in index.damaged:
        out.print(say("backup.damaged", at=name), style="red", soft_wrap=True)


def show_set_aside(folder: Path, periods: Sequence[str]) -> None:
    """Where releases of another format lie now, and how their periods are published anew."""
    asked = "..".join(dict.fromkeys((periods[0], periods[-1]))) if periods else "FIRST..LAST"
    out.print(say("upgrade.set_aside", at=folder, periods=asked), soft_wrap=True)


def show_fitness(found: Fitness) -> None:
    """Whether a home is fit for this version, and what it will do."""
    for sentence in found.problems:
        out.print(sentence, style="red", soft_wrap=True)
    for sentence in found.notes:
        out.print(sentence, style="yellow", soft_wrap=True)
    if found.release_id:
        said = say("upgrade.release", at=found.release_id, made_by=found.made_by, own=found.code_version)
        out.print(said, soft_wrap=True)
    if found.unread:
        said = say("upgrade.lands", at="landing/", unread=found.unread, batches=found.batches)
        out.print(said, soft_wrap=True)
    for period, why in found.rebuilds.items():
        out.print(say("upgrade.rebuilds", at=period, why=_joined(why)), soft_wrap=True)
    if not (found.problems or found.rebuilds or found.unread):
        out.print(say("upgrade.nothing"))
    elif not found.problems:
        out.print(say("upgrade.fit"))


def _joined(sentences: Sequence[str]) -> Message:
    """Sentences in both languages as one, each language by itself."""
    found = [Message.of(sentence) for sentence in sentences]
    return Message(*("; ".join(one) for one in zip(*found, strict=True)))


def _mb(size: int) -> str:
    return f"{size / MB:.1f}"
