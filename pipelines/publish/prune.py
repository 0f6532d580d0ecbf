"""``spm prune``: tables of old releases go; what proves them, and what builds them again, stays.

Of a pruned release its manifest, its page on quality and its two ledgers stay (``KEPT``): the chain still
proves, and later releases still say why figures changed. The current release, the one it was built on and is
compared with, a pinned one, and one that something waits for approval on top of, are never pruned.

Put here: choosing releases, removing tables, the database of one made again. Keep out: what else a home may
lose (``build.prune``), building tables again (``build.rebuild``).
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pipelines.messages import message
from pipelines.provenance import code
from pipelines.publish.approval import SUMMARY
from pipelines.publish.approvers import account_of_process
from pipelines.publish.database import write_database
from pipelines.publish.manifest import DATABASE, Manifest
from pipelines.publish.pin import pin_of
from pipelines.publish.releases import Releases
from pipelines.publish.upkeep import Upkeep, note, upkeep_of
from pipelines.quality.page import PAGE
from pipelines.registry.windows import JAKARTA
from pipelines.settings import Settings
from pipelines.storage.checked_files import sha256_of
from pipelines.storage.whole_files import appearing, flush
from pipelines.warehouse.parquet import connect

KEPT = (PAGE, "mart_release.parquet", "mart_restatement.parquet")
"""Files of a release that stay when it is pruned: small, and they tell of it and of what it changed."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Which releases keep their tables: the ``last`` so many, the last one of each of so many calendar
    quarters and years (Asia/Jakarta) in which there is one, and those named. ``databases``: of releases that
    are not current ``spm.duckdb`` goes all the same."""

    last: int = 0
    quarterly: int = 0
    yearly: int = 0
    named: Sequence[str] = ()
    databases: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether it says which releases to keep; else no table goes."""
        return bool(self.last or self.quarterly or self.yearly or self.named)


@dataclass(frozen=True, slots=True)
class Pruned:
    """A release that loses ``files``, and the ``bytes`` that the disk gets back: files which another release
    shares take their place as before. ``is_buildable``: what goes follows from what stays, or this code built
    it and can build it again."""

    release_id: str
    published_at: str
    files: list[str]
    bytes: int
    is_buildable: bool


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """What goes of which releases, and why the others are ``kept``."""

    pruned: list[Pruned] = field(default_factory=list)
    kept: dict[str, list[str]] = field(default_factory=dict)


def plan_releases(settings: Settings, keep: Keep) -> ReleasePlan:
    """What ``keep`` lets go of; what an earlier prune that was killed left is in it, too.

    Raises:
        UnknownReleaseError: one that is named is not there.
        DamagedReleaseError: a manifest is damaged.
    """
    releases = Releases(settings.published)
    manifests = [releases.manifest(release_id) for release_id in releases.ids()]
    held = _held(settings, releases, manifests, keep)
    current = releases.current()
    going: dict[str, list[str]] = {}
    for manifest in manifests:
        release_id, before = manifest.release_id, upkeep_of(settings.published, manifest.release_id)
        names = set(before.removed if before else ())
        if keep.is_asked and release_id not in held:
            names |= set(manifest.files()) - set(KEPT)
        elif keep.databases and (current is None or release_id != current.release_id):
            names.add(DATABASE)
        place = releases.place(release_id)
        if found := sorted(name for name in names if (place / name).exists()):
            going[release_id] = found
    freed = _freed({one: [releases.place(one) / name for name in names] for one, names in going.items()})
    made_by = {one.release_id: one.content.code_sha256 for one in manifests}
    return ReleasePlan(
        [
            Pruned(
                one.release_id,
                one.published_at,
                going[one.release_id],
                freed[one.release_id],
                going[one.release_id] == [DATABASE]
                or all(made_by[step] == code.code_sha256() for step in releases.line(one.release_id)),
            )
            for one in manifests
            if one.release_id in going
        ],
        held if keep.is_asked else {},
    )


def prune_releases(settings: Settings, plan: ReleasePlan) -> None:
    """Remove what the plan says. For the holder of the home's lock, and of the one for publishing."""
    for pruned in plan.pruned:
        before = upkeep_of(settings.published, pruned.release_id)
        removed = sorted({*(before.removed if before else ()), *pruned.files})
        at = settings.clock().isoformat(timespec="seconds")
        note(settings.published, pruned.release_id, Upkeep(removed, at, account_of_process()))
        place = Releases(settings.published).place(pruned.release_id)
        for name in pruned.files:
            (place / name).unlink(missing_ok=True)
        flush(place)


def put_back(settings: Settings, release_id: str, made: Mapping[str, Path]) -> list[str]:
    """Put pruned tables back from files ``made`` again, once they are all there with the published hash.

    Then the database is made of them. Returns the names of what was put back. For the holder of both locks.
    """
    releases = Releases(settings.published)
    upkeep, manifest = upkeep_of(settings.published, release_id), releases.manifest(release_id)
    if upkeep is None or not upkeep.removed:
        return []
    place, published = releases.place(release_id), manifest.files()
    tables = [name for name in upkeep.removed if name != DATABASE]
    if any(name not in made or sha256_of(made[name]) != published[name] for name in tables):
        return []
    for name in tables:
        with appearing(place / name, mode=0o444) as partial:
            shutil.copyfile(made[name], partial)
    if DATABASE not in upkeep.removed:
        note(settings.published, release_id, replace(upkeep, removed=[]))
        return tables
    note(settings.published, release_id, replace(upkeep, removed=[DATABASE]))
    make_database_again(settings, release_id)
    return [*tables, DATABASE]


def make_database_again(settings: Settings, release_id: str) -> bool:
    """Make the database of a release from its tables, where it alone was pruned; whether it was."""
    releases = Releases(settings.published)
    upkeep = upkeep_of(settings.published, release_id)
    if upkeep is None or DATABASE not in upkeep.removed:
        return False
    place, is_demo = releases.folder(release_id), releases.manifest(release_id).content.is_demo
    spill = place.parent / f".partial-{os.getpid()}"
    with appearing(place / DATABASE, mode=0o444) as partial:
        with connect(settings.threads, settings.memory_limit, spill) as connection:
            write_database(connection, place, is_demo, partial)
        sha256 = sha256_of(partial)
        # first, for with the name alone nothing would say which bytes are right
        note(settings.published, release_id, replace(upkeep, database_sha256=sha256))
    note(settings.published, release_id, replace(upkeep, removed=[], database_sha256=sha256))
    return True


def _held(
    settings: Settings, releases: Releases, manifests: Sequence[Manifest], keep: Keep
) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}

    def hold(why: str, release_ids: Iterable[str | None]) -> None:
        for release_id in release_ids:
            if release_id is not None:
                held.setdefault(release_id, []).append(str(message(why)))

    if current := releases.current():
        hold("prune.current", [current.release_id])
        hold("prune.before_current", [current.release_before])
    if pin := pin_of(settings):
        hold("prune.pinned", [pin.release_id])
    hold("prune.waits", waited_for(settings, manifests))
    newest_first = sorted(manifests, key=lambda one: (one.published_at, one.number), reverse=True)
    hold("prune.last", [one.release_id for one in newest_first[: keep.last]])
    hold("prune.quarterly", _last_of_each(newest_first, _quarter, keep.quarterly))
    hold("prune.yearly", _last_of_each(newest_first, lambda at: (at.year,), keep.yearly))
    hold("prune.named", map(releases.find, keep.named))
    return {one.release_id: held[one.release_id] for one in manifests if one.release_id in held}


def waited_for(settings: Settings, manifests: Sequence[Manifest]) -> list[str]:
    """The releases that something waits for approval on top of: nothing else was published on them since."""
    built_on = {one.release_before for one in manifests}
    summaries = sorted(settings.approvals.glob(f"*/{SUMMARY}"))
    bases = {json.loads(path.read_text(encoding="utf-8"))["release_before"] for path in summaries}
    return sorted(bases - built_on)


def _last_of_each(
    newest_first: Sequence[Manifest], span: Callable[[datetime], tuple[int, ...]], most: int
) -> list[str]:
    found: dict[tuple[int, ...], str] = {}
    for one in newest_first:
        published = datetime.fromisoformat(one.published_at).astimezone(JAKARTA)
        found.setdefault(span(published), one.release_id)
    return list(found.values())[:most]


def _quarter(at: datetime) -> tuple[int, ...]:
    return at.year, (at.month - 1) // 3


def _freed(going: Mapping[str, Sequence[Path]]) -> dict[str, int]:
    """The bytes that each release gives back: those of a file go with the last of its names."""
    looks = {path: path.stat() for paths in going.values() for path in paths}
    left = Counter({(one.st_dev, one.st_ino): one.st_nlink for one in looks.values()})
    freed = dict.fromkeys(going, 0)
    for release_id, paths in going.items():
        for path in paths:
            inode = looks[path].st_dev, looks[path].st_ino
            left[inode] -= 1
            if not left[inode]:
                freed[release_id] += looks[path].st_size
    return freed
