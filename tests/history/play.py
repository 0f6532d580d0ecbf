"""Playing a script: its releases are published, compared cell by cell, and built again from the raw store.

Put here: the order of it. Keep out: the script, whether a release is as planned (``verdict``).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pipelines.publish.manifest import Manifest
from pipelines.publish.releases import Releases
from tests.history.checkouts import Checkout
from tests.history.script import Release, Script
from tests.history.verdict import compared
from tests.integration.home import put


@dataclass(slots=True)
class Played:
    """A release of the script: cells that changed by reason, and everything that is not as it has to be.

    ``is_same_again`` is known once it was built again.
    """

    what: str
    registry: int
    release_id: str
    built: list[str]
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0
    is_same_again: bool | None = None


class History:
    """A script played in ``folder``: a home, and a checkout for each state of the registry."""

    def __init__(self, script: Script, folder: Path) -> None:
        self.script, self.folder, self.home = script, folder, folder / "home"
        self.sources = folder / "sources.yaml"
        # all at once: the project may be worked on while its history is played
        self._checkouts = {
            number: Checkout(folder / f"registry-{number}", script.edits[:number])
            for number in sorted({release.registry for release in script.releases})
        }

    def play(self, say: Callable[[Played], None] = lambda _: None) -> list[Played]:
        """Publish and compare every release, then build each one again; ``say`` is told of each."""
        self.sources.write_text("sources:\n- {name: inbox, kind: csv, path: 'inbox/*.csv'}\n")
        try:
            played = [self._told(release, say) for release in self.script.releases]
            for one in self._build_again(played):
                say(one)
            return played
        finally:
            self.close()

    def checkout(self, registry: int) -> Checkout:
        """The project with the registry as it was after so many edits; two of them are kept running."""
        at_work = [number for number, one in self._checkouts.items() if one.is_running]
        if registry not in at_work and len(at_work) > 1:
            self._checkouts[min(at_work)].close()
        return self._checkouts[registry]

    def close(self) -> None:
        """End every process."""
        for checkout in self._checkouts.values():
            checkout.close()

    def _told(self, release: Release, say: Callable[[Played], None]) -> Played:
        began = time.monotonic()
        for minute, (name, content) in enumerate(release.documents.items()):
            arrival = release.day - timedelta(days=3) + timedelta(minutes=minute)
            put(self.folder / "inbox" / name, content, arrival)
        before = Releases(self.home / "published").current()
        published = self._publish(release)
        played = Played(release.what, release.registry, published["release"], published["built"])
        if not published["is_new"]:
            played.wrong.append("no new release")
        if before is not None:
            releases = self.home / "published" / "releases"
            played.reasons, wrong = compared(
                release, releases / before.release_id, releases / played.release_id
            )
            played.wrong += wrong
        played.seconds = time.monotonic() - began
        say(played)
        return played

    def _publish(self, release: Release) -> Any:
        return self.checkout(release.registry).ask(
            "publish",
            home=self.home,
            sources=self.sources,
            periods=[f"{year}-Q{quarter}" for year in range(2019, 2025) for quarter in range(1, 5)],
            now=release.day.isoformat(),
        )

    def _build_again(self, played: list[Played]) -> Iterator[Played]:
        """Every release anew from the raw store alone, each on top of the one before, by its own registry.

        ``spm rebuild`` of a release walks the same line up to it; here one walk serves all.
        """
        aside = self.folder / "again"
        aside.mkdir()
        (aside / "raw").symlink_to(self.home / "raw")
        releases = Releases(self.home / "published")
        for number, one in enumerate(played):
            began = time.monotonic()
            checkout = self.checkout(one.registry)
            if number == 0:
                checkout.ask("land", home=aside)
            path = releases.folder(one.release_id) / "manifest.json"
            again = checkout.ask("publish_again", home=aside, manifest=path)
            one.is_same_again = again == one.release_id
            one.wrong += [f"built again: {said}" for said in self._unlike(aside, again, path)]
            one.seconds = time.monotonic() - began
            yield one

    def _unlike(self, aside: Path, again: str, path: Path) -> list[str]:
        was = Manifest.read(path).content.tables
        now = Releases(aside / "published").manifest(again).content.tables
        unlike = [
            f"{name} has another hash" for name in sorted({*was, *now}) if was.get(name) != now.get(name)
        ]
        return unlike or ([] if again == path.parent.name else [f"its id is {again}"])
