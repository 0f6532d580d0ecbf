"""What releases are built again from: whether documents, receipts and kept registries are as they were kept.

A rebuild lands whatever was received and takes from it what the run of each release knew, so all of ``raw/``
counts, and the registry of each release of the line.

Put here: that check. Keep out: bytes of releases (``publish.releases``), building again (``build.rebuild``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import UnavailableError
from pipelines.landing.raw_store import DamagedRawError, RawStore
from pipelines.messages import say
from pipelines.provenance.kept_registry import home_rows_of, place_of
from pipelines.publish.manifest import DamagedReleaseError, Manifest
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from pipelines.storage.checked_files import differing


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was looked at, and a sentence for each thing that is ``wrong``."""

    documents: int = 0
    bytes: int = 0
    receipts: int = 0
    registries: int = 0
    wrong: list[str] = field(default_factory=list)


def evidence_of(settings: Settings, release_id: str) -> Evidence | None:
    """Hash what a release, and those that it leans on, are built again from.

    None where the home has no ``raw/``: an auditor may have been given ``published/`` alone.
    """
    if not settings.raw.exists():
        return None
    line = _readable_line(Releases(settings.published), release_id)
    store = RawStore(settings.raw)
    wrong: list[str] = []
    sizes: dict[str, int] = {}
    receipts = 0
    batches = store.batches()
    known = {name for manifest in line for name in manifest.made_from.batches}
    for gone in sorted(known - {batch.stem for batch in batches}):
        wrong.append(say("raw.missing_receipts", at=settings.raw / "receipts" / f"{gone}.ndjson"))
    for batch in batches:
        try:
            for receipt in store.receipts(batch):
                sizes[receipt.sha256] = receipt.size_bytes
                receipts += 1
        except (DamagedRawError, OSError) as error:
            wrong.append(str(error))
    blobs = {store.place(sha256): sha256 for sha256 in sorted(sizes)}
    for path in differing(blobs):
        kind = "raw.damaged_document" if path.exists() else "raw.missing_document"
        wrong.append(say(kind, at=path))
    registries = {manifest.content.registry_sha256 for manifest in line}
    wrong += lost_registries(settings.raw, line)
    return Evidence(len(blobs), sum(sizes.values()), receipts, len(registries), wrong)


def _readable_line(releases: Releases, release_id: str) -> list[Manifest]:
    """The release and those before it, the last one first, as far as they can be read."""
    line: dict[str, Manifest] = {}
    before: str | None = release_id
    while before in releases.ids() and before not in line:
        try:
            line[before] = releases.manifest(before)
        except DamagedReleaseError:  # whoever proves the release says so
            break
        before = line[before].release_before
    return list(line.values())


def lost_registries(raw: Path, line: Sequence[Manifest]) -> Iterator[str]:
    """A sentence for each registry that is gone or changed. Early releases kept none; once one
    did, each later one has to."""
    had = False
    for sha256, code_sha256 in {
        manifest.content.registry_sha256: manifest.content.code_sha256 for manifest in reversed(line)
    }.items():
        kept = place_of(raw, sha256).exists()
        try:
            home_rows_of(raw, sha256, code_sha256)
        except UnavailableError as error:
            yield str(error)
        else:
            if had and not kept:
                yield say("registry.lost", at=place_of(raw, sha256))
        had = had or kept
