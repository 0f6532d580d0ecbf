"""``spm rebuild``: a past release built again from the raw store alone, and compared hash by hash.

A release leans on the one before it (findings that persist, periods that it carries over), so its line of
ancestors is built again from the first one on, each with the documents that its run knew.

What comes out with the bytes that were published can take the place of a file that was damaged since.

Put here: that line, in a home that is thrown away. Keep out: the steps of a build (``build.steps``).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pipelines import progress
from pipelines.build import steps
from pipelines.landing.landed_rows import land
from pipelines.landing.raw_store import RawStore
from pipelines.messages import say
from pipelines.provenance import code
from pipelines.publish.manifest import DATABASE, Manifest
from pipelines.publish.prune import put_back
from pipelines.publish.releases import Releases, UnknownReleaseError
from pipelines.settings import Settings
from pipelines.storage.checked_files import differing, sha256_of
from pipelines.storage.scratch import scratch_folder
from pipelines.storage.whole_files import appearing, flush, share
from pipelines.warehouse import dbt
from pipelines.warehouse.work_file import Knowledge


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a release came out when it was built again. ``unlike`` names the tables with other hashes.

    ``other_code`` tells whether another version of code or registry made it, or a release that it leans on:
    then a table may be unlike, and each release has to be built by the version that made it. ``repaired`` are
    the files that were put back, ``damaged`` those that are not as published now; ``pruned`` says so where
    its tables are gone.
    """

    release_id: str
    tables: int
    unlike: list[str]
    other_code: bool
    ancestors: list[str]
    repaired: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    pruned: str | None = None


def rebuild(settings: Settings, release_id: str, repair: bool = False) -> Rebuilt:
    """Build a release again from ``settings.raw`` and compare its tables with those published.

    ``release_id`` is an id, a prefix of just one, ``latest`` or ``previous``. To ``repair`` is to put files
    that came out with the published hash in the place of those that have another one by now, and tables that
    were pruned back, where all of them came out so.

    Raises:
        UnknownReleaseError: there is no such release.
        DamagedReleaseError: its manifest, or that of a release that it leans on, is not what was written.
        ModelsFailedError: a model failed.
        GateClosedError: the gate is not open for it any more.
    """
    releases = Releases(settings.published)
    release_id = releases.find(release_id)
    line = _line(releases, release_id)
    with scratch_folder("rebuild", settings.scratch) as folder:
        aside = replace(settings, home=folder)
        aside.raw.symlink_to(settings.raw)
        progress.step(say("rebuild.reading_raw"))
        land(RawStore(settings.raw), aside.landing, aside.workers, aside.limits, progress.advance)
        for number, manifest in enumerate(line, start=1):
            progress.step(f"{manifest.release_id} ({number}/{len(line)})")
            publish_again(aside, manifest)
        made = Releases(aside.published)
        again = made.current()
        assert again is not None  # the line is never empty
        repaired = _repair(settings, releases, release_id, made.place(again.release_id)) if repair else []
    was, now = line[-1].content, again.content
    unlike = sorted(
        name for name in {*was.tables, *now.tables} if was.tables.get(name) != now.tables.get(name)
    )
    other_code = any(one.content.code_sha256 != code.code_sha256() for one in line)
    return Rebuilt(
        release_id,
        len(was.tables),
        unlike,
        other_code,
        [one.release_id for one in line[:-1]],
        repaired,
        [path.name for path in _damaged(releases, release_id)],
        releases.pruned(release_id, DATABASE),
    )


def _damaged(releases: Releases, release_id: str) -> list[Path]:
    place = releases.place(release_id)
    return differing({place / name: sha256 for name, sha256 in sorted(releases.files(release_id).items())})


def _repair(settings: Settings, releases: Releases, release_id: str, again: Path) -> list[str]:
    published, repaired = releases.manifest(release_id).files(), []
    with releases.writing():
        for path in _damaged(releases, release_id):
            made = again / path.name
            if made.exists() and sha256_of(made) == published[path.name]:
                with appearing(path, mode=0o444) as partial:
                    shutil.copyfile(made, partial)
                share_again(releases, path)
                repaired.append(path.name)
        return repaired + put_back(settings, release_id, {path.name: path for path in again.iterdir()})


def share_again(releases: Releases, repaired: Path) -> None:
    """Let other releases that have the same file, damaged with it while they shared it, have this one."""
    sha256 = sha256_of(repaired)
    for other in releases.ids():
        path = releases.place(other) / repaired.name
        if path != repaired and releases.files(other).get(path.name) == sha256 and differing({path: sha256}):
            share(path, repaired)
            flush(path.parent)


def released_by(settings: Settings, instant: datetime) -> str:
    """The id of the release that was published last until ``instant``.

    Raises:
        UnknownReleaseError: none was published by then.
    """
    releases = Releases(settings.published)
    published = [
        (datetime.fromisoformat(manifest.published_at), manifest.number, manifest.release_id)
        for manifest in map(releases.manifest, releases.ids())
    ]
    known = [release for release in published if release[0] <= instant]
    if not known:
        raise UnknownReleaseError(say("rebuild.nothing_by_then", at=instant.isoformat()))
    return max(known)[2]


def _line(releases: Releases, release_id: str) -> list[Manifest]:
    """The release and those it leans on, the first one first."""
    return [releases.manifest(one) for one in reversed(releases.line(release_id))]


def publish_again(aside: Settings, manifest: Manifest) -> None:
    """Build and publish a release again, as its manifest says, on top of what ``aside`` has by now."""
    periods = manifest.made_from.periods
    work_file = aside.work / "again" / dbt.WORK_FILE_NAME
    then = replace(aside, now=datetime.fromisoformat(manifest.published_at))
    steps.make_work(then, work_file, periods, Knowledge(frozenset(manifest.made_from.batches)))
    steps.demand_built(steps.run_models(aside, work_file))
    candidate = steps.make_candidate(aside, work_file, aside.work / "again" / "candidate", periods)
    steps.publish_candidate(then, candidate, steps.judge(candidate), manifest.number)
