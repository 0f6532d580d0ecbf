"""``spm upgrade``: is a home fit for this version of the program, and what would the next run build again?

A release keeps its bytes whatever comes after it. What is landed is landed again by other readers, and a run
builds those periods again whose numbers other code or another registry decides (``build.plan``). Releases of
another format are set aside, and their periods published anew from ``raw/``.

Put here: looking, and setting releases aside. Keep out: building (``build.steps``), state of a home
(``build.health``).
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.build.plan import outdated
from pipelines.errors import SpmError
from pipelines.landing import batch_hashes
from pipelines.landing.landed_rows import folder as landed
from pipelines.landing.raw_store import DamagedRawError, RawStore
from pipelines.messages import say
from pipelines.provenance import code
from pipelines.publish.manifest import FILE, FORMAT
from pipelines.publish.pin import pin_of
from pipelines.publish.prune import waited_for
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from pipelines.storage.lock import writer_of_home
from pipelines.storage.whole_files import flush


@dataclass(frozen=True, slots=True)
class Fitness:
    """What this version finds in a home.

    ``problems`` stand in the way, a sentence each with its remedy. ``other_format`` counts releases of each
    other format. ``unread`` are the batches of receipts that have to be landed by the present readers, of
    ``batches``. ``rebuilds`` are the published periods that the next run over them builds again, with why;
    ``notes`` is what else to know.
    """

    home: str
    code_version: str
    release_id: str | None = None
    made_by: str | None = None
    problems: list[str] = field(default_factory=list)
    other_format: dict[str, int] = field(default_factory=dict)
    batches: int = 0
    unread: int = 0
    rebuilds: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def fitness_of(settings: Settings) -> Fitness:
    """Look at a home and change nothing in it."""
    problems, notes = [], []
    if writer := writer_of_home(settings.home):
        problems.append(writer)
    formats = _formats(settings)
    other = {name: count for name, count in formats.items() if name != str(FORMAT)}
    release_id = made_by = None
    rebuilds: dict[str, list[str]] = {}
    if other:
        named = ", ".join(f"{name} ({count})" for name, count in sorted(other.items()))
        problems.append(say("upgrade.other_format", at=settings.published, formats=named, own=FORMAT))
    else:
        releases = Releases(settings.published)
        try:
            current = releases.proved()
            release_id = current.release_id if current else None
            made_by = current.content.code_version if current else None
            rebuilds = outdated(settings)
            pin = pin_of(settings)
            notes += [str(pin)] if pin else []
            manifests = [releases.manifest(one) for one in releases.ids()]
            if rebuilds:
                waiting = waited_for(settings, manifests)
                notes += [say("upgrade.waits", at=base) for base in waiting]
        except SpmError as error:
            problems.append(str(error))
    batches, unread = _batches(settings, problems)
    return Fitness(
        str(settings.home),
        code.package_version(),
        release_id,
        made_by,
        problems,
        other,
        batches,
        unread,
        rebuilds,
        notes,
    )


def set_aside(settings: Settings) -> Path | None:
    """Move releases of another format out of the way, as they are; returns their folder, none without such.

    For the holder of the home's lock.
    """
    other = sorted(name for name in _formats(settings) if name != str(FORMAT))
    if not other:
        return None
    aside = settings.home / f"published-format-{other[0]}"
    number = 1
    while aside.exists():
        number += 1
        aside = settings.home / f"published-format-{other[0]}-{number}"
    with Releases(settings.published).writing():
        os.rename(settings.published, aside)
        flush(settings.home)
    return aside


def periods_of(published: Path) -> list[str]:
    """The periods of the releases in a folder, whatever their format."""
    found: set[str] = set()
    for said in _manifests(published):
        content = said.get("content")
        listed = content.get("periods") if isinstance(content, dict) else None
        found |= {period for period in listed or () if isinstance(period, str)}
    return sorted(found)


def _formats(settings: Settings) -> Counter[str]:
    return Counter(str(said.get("format", 1)) for said in _manifests(settings.published))


def _manifests(published: Path) -> list[dict[str, object]]:
    found = []
    for path in sorted(published.glob(f"releases/r*/{FILE}")):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # damage, which is told of by who reads the release
        if isinstance(said, dict):
            found.append(said)
    return found


def _batches(settings: Settings, problems: list[str]) -> tuple[int, int]:
    store = RawStore(settings.raw)
    batches = store.batches()
    try:
        for batch in batches:
            next(store.receipts(batch), None)
    except (DamagedRawError, TypeError, KeyError, ValueError) as error:
        known = isinstance(error, DamagedRawError)
        problems.append(str(error) if known else say("upgrade.newer_receipts", at=batch))
    sound = batch_hashes.sound(landed(settings.landing))
    return len(batches), sum(batch.stem not in sound for batch in batches)
