"""What a home may lose so that its disk stays bounded: tables of old releases, old runs, what is made again.

Nothing goes but what was asked for by option, and rows that earlier readers landed, which nobody reads.
``raw/`` never loses anything.

Put here: choosing and removing it. Keep out: which releases (``publish.prune``), the history of Dagster
(``defs.instance``), what killed runs left (``build.leftovers``).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pipelines.build import ledger
from pipelines.landing.landed_rows import folder as landed
from pipelines.publish.prune import Keep, ReleasePlan, plan_releases, prune_releases
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from pipelines.storage.whole_files import remove


@dataclass(frozen=True, slots=True)
class Old:
    """Files or folders that go: what they are (a folder of the home), how many, and what they take."""

    what: str
    paths: list[Path]
    bytes: int


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """What would go. ``dagster_runs`` are those of Dagster's own history."""

    releases: ReleasePlan
    old: list[Old] = field(default_factory=list)
    dagster_runs: int = 0

    @property
    def bytes(self) -> int:
        """What the disk gets back, without Dagster's history."""
        return sum(one.bytes for one in self.releases.pruned) + sum(one.bytes for one in self.old)


def plan_prune(
    settings: Settings, keep: Keep, history_days: int | None = None, made_days: int | None = None
) -> PrunePlan:
    """What goes: tables of releases by ``keep``; of runs that ended ``history_days`` ago their entry of the
    ledger, and pages of closed gates as old; what commands made ``made_days`` ago and can make again (work
    files that were kept, as-of, what-if, reports, open data), but of the current release.

    Raises:
        UnknownReleaseError: a release to keep is not there.
        DamagedReleaseError: a manifest is damaged.
    """
    found: dict[str, list[Path]] = {"landing": _landed_by_earlier_readers(settings)}
    if history_days is not None:
        found["runs"] = ledger.ended_before(settings, settings.wall_clock() - timedelta(days=history_days))
        found["closed"] = [path for path in settings.closed.glob("*") if _age(settings, path) > history_days]
    if made_days is not None:
        for folder in _made(settings):
            if _age(settings, folder) > made_days:
                found.setdefault(folder.parent.name, []).append(folder)
    old = [Old(what, sorted(paths), sum(map(_size, paths))) for what, paths in sorted(found.items()) if paths]
    return PrunePlan(plan_releases(settings, keep), old)


def prune(settings: Settings, plan: PrunePlan) -> None:
    """Remove what the plan says, for the holder of the home's lock; one that is killed is gone on with."""
    with Releases(settings.published).writing():
        prune_releases(settings, plan.releases)
    for path in (path for old in plan.old for path in old.paths):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            remove(path)


def _landed_by_earlier_readers(settings: Settings) -> list[Path]:
    present = landed(settings.landing)
    # until the present readers landed anew, nothing else tells what was received
    return [path for path in settings.landing.glob("v*") if path != present] if present.exists() else []


def _made(settings: Settings) -> Iterator[Path]:
    pointer = settings.published / "current"
    current = pointer.readlink().name if pointer.is_symlink() else None
    names = (settings.kept, settings.home / "as-of", settings.what_if)
    yield from (path for folder in names for path in folder.glob("*"))
    for name in ("reports", "open-data"):
        yield from (path for path in (settings.home / name).glob("*") if path.name != current)


def _age(settings: Settings, path: Path) -> float:
    """Days since anything in it was written."""
    written = max(one.lstat().st_mtime for one in (path, *path.rglob("*")))
    return (settings.wall_clock().timestamp() - written) / timedelta(days=1).total_seconds()


def _size(path: Path) -> int:
    return sum(one.lstat().st_size for one in (path, *path.rglob("*")) if one.is_file())
