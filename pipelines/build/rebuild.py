"""``spm rebuild``: a past release built again from the raw store alone, and compared hash by hash.

A release leans on the one before it (findings that persist, periods that it carries over), so its line of
ancestors is built again from the first one on, each with the documents that its run knew.

Put here: that line, in a home that is thrown away. Keep out: the steps of a build (``build.steps``).
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pipelines import progress
from pipelines.build import steps
from pipelines.landing.landed_rows import land
from pipelines.landing.raw_store import RawStore
from pipelines.messages import say
from pipelines.provenance import code
from pipelines.publish.manifest import Manifest
from pipelines.publish.releases import Releases, UnknownReleaseError
from pipelines.settings import Settings
from pipelines.warehouse import dbt
from pipelines.warehouse.work_file import Knowledge


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a release came out when it was built again. ``unlike`` names the tables with other hashes.

    ``other_code`` tells whether another version of code or registry made it, or a release that it leans on:
    then a table may be unlike, and each release has to be built by the version that made it.
    """

    release_id: str
    tables: int
    unlike: list[str]
    other_code: bool
    ancestors: list[str]


def rebuild(settings: Settings, release_id: str) -> Rebuilt:
    """Build a release again from ``settings.raw`` and compare its tables with those published.

    ``release_id`` is an id, a prefix of just one, ``latest`` or ``previous``.

    Raises:
        UnknownReleaseError: there is no such release.
        ModelsFailedError: a model failed.
        GateClosedError: the gate is not open for it any more.
    """
    releases = Releases(settings.published)
    release_id = releases.find(release_id)
    line = _line(releases, release_id)
    with tempfile.TemporaryDirectory(prefix="spm-rebuild-") as folder:
        aside = replace(settings, home=Path(folder))
        aside.raw.symlink_to(settings.raw)
        progress.step(say("rebuild.reading_raw"))
        land(RawStore(aside.raw), aside.landing, aside.workers, aside.limits, progress.advance)
        for number, manifest in enumerate(line, start=1):
            progress.step(f"{manifest.release_id} ({number}/{len(line)})")
            publish_again(aside, manifest)
        again = Releases(aside.published).current()
    assert again is not None  # the line is never empty
    was, now = line[-1].content, again.content
    unlike = sorted(
        name for name in {*was.tables, *now.tables} if was.tables.get(name) != now.tables.get(name)
    )
    other_code = any(one.content.code_sha256 != code.code_sha256() for one in line)
    return Rebuilt(release_id, len(was.tables), unlike, other_code, [one.release_id for one in line[:-1]])


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
