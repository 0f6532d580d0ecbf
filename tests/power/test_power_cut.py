"""After a power cut at any instant of receipt, landing, release and pointer the next run recovers.

Nothing that was acknowledged is lost, and readers have one whole release: the old one or the new one.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.build.leftovers import sweep
from pipelines.landing.landed_rows import land, waiting
from pipelines.landing.raw_store import RawStore
from pipelines.publish.candidate import Candidate
from pipelines.publish.chain import history_of
from pipelines.publish.releases import Releases
from pipelines.settings import Settings
from pipelines.storage.lock import one_writer
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile
from tests.integration.candidates import PERIODS, release, rewrite, rows_of
from tests.integration.home import NOW, candidate_of, document, put, settings_of
from tests.power.disks import instants, promises, write_disk
from tests.power.recorder import Journal, recorded

pytestmark = pytest.mark.attack("power cuts")

READING = ReadingSpec(name="inbox", kind="csv").canonical_json()
TABLES = ("mart_region_score", "mart_document", "mart_finding")
"""What the release of this test is made of: the steps of publishing are the same for three tables."""
SOURCES = {"early": ["a", "b"], "late": ["c", "d", "b"]}
"""The documents of each intake; one comes to both sources."""


@dataclass(frozen=True)
class Story:
    """What was recorded: two intakes, each landed, and two releases; and the candidates of these."""

    journal: Journal
    candidates: tuple[Candidate, ...]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("power")
    (folder / "made").mkdir()
    settings = settings_of(folder / "made")
    put(folder / "made" / "inbox" / "rows.csv", document([row for one in PERIODS for row in rows_of(one)]))
    whole = candidate_of(settings, PERIODS)
    early, late = (_candidate(whole, folder / name, number) for number, name in enumerate(SOURCES))
    machine = folder / "machine"
    machine.mkdir()
    with recorded(machine) as recorder:
        _work(_settings(machine), (early, late), recorder.promise)
    return Story(recorder.journal, (early, late))


def _settings(machine: Path) -> Settings:
    return Settings(machine / "srv" / "home", None, threads=1, workers=1, now=NOW)


def _candidate(whole: Candidate, folder: Path, number: int) -> Candidate:
    shutil.copytree(whole.folder, folder)  # the page on quality asks other tables too
    rewrite(
        folder / "mart_region_score.parquet", f"select * replace ({number}::decimal(9, 6) as index) from t"
    )
    return replace(whole, folder=folder, tables=TABLES, base_release=None)


def _file(source: str, name: str) -> RawFile:
    rows = [{"record": "achievement", "region": "64.71", "period": "2024-Q4", "note": name}]
    return RawFile(f"{name}.csv", document(rows), NOW - timedelta(days=1), origin=f"{source}/{name}")


def _work(settings: Settings, candidates: Sequence[Candidate], promise: Callable[[str], None]) -> None:
    """A run after the other, but for the models: each receives, lands and publishes."""
    store, releases = RawStore(settings.raw), Releases(settings.published)
    for (source, names), candidate in zip(SOURCES.items(), candidates, strict=True):
        with one_writer(settings.home, "spm run"):
            sweep(settings)
            store.receive(source, READING, [_file(source, name) for name in names], settings.clock())
            promise(f"received {source}")
            land(store, settings.landing, 1, settings.limits)
            current = releases.current()
            if current is None or current.number <= list(SOURCES).index(source):
                published = release(releases, candidate)
                promise(f"published {published.release_id}")


def _demand_sound(settings: Settings, promised: Sequence[str], known: Sequence[str]) -> None:
    """What holds right after the cut, before anything was put in order."""
    store, releases = RawStore(settings.raw), Releases(settings.published)
    received = {(receipt.source, receipt.sha256) for receipt in store.receipts()}
    for source, sha256 in received:
        assert store.content(sha256), source
    for source, names in SOURCES.items():
        if f"received {source}" in promised:
            kept = {receipt.name for receipt in store.receipts() if receipt.source == source}
            assert kept == {f"{name}.csv" for name in names}
    told = [one.removeprefix("published ") for one in promised if one.startswith("published ")]
    current = releases.current()
    if current is None:
        assert told == []
        return
    assert current.release_id in known
    assert known.index(current.release_id) >= len(told) - 1, (current.release_id, told)
    assert set(releases.ids()) <= set(known)
    for release_id in releases.ids():
        assert releases.verify(release_id) == []
    assert history_of(releases, current.release_id).wrong == []


def _cut(story: Story, instant: int, seed: int, machine: Path) -> None:
    known = [one.removeprefix("published ") for one in promises(story.journal, len(story.journal.steps))]
    known = [one for one in known if one.startswith("r0")]
    machine.mkdir()
    write_disk(story.journal, instant, random.Random(seed), machine)
    settings = _settings(machine)
    promised = promises(story.journal, instant)
    _demand_sound(settings, promised, known)
    # the next run, as if nothing had happened
    _work(settings, story.candidates, lambda _: None)
    everything = promises(story.journal, len(story.journal.steps))
    _demand_sound(settings, everything, known)
    assert Releases(settings.published).current_id() == known[-1]
    store = RawStore(settings.raw)
    assert waiting(store, settings.landing) == 0
    left = [path for path in settings.home.rglob("*") if ".partial" in path.name]
    assert left == []


def _spread(story: Story, count: int) -> list[tuple[int, int]]:
    every = instants(story.journal)
    return [(every[number * (len(every) - 1) // (count - 1)], number) for number in range(count)]


def test_the_recorder_sees_what_libraries_of_c_write(story: Story, tmp_path: Path) -> None:
    """The disk on which everything got is the home as it was left."""
    last = len(story.journal.steps)
    for seed in range(50):
        draw = random.Random(seed)
        if draw.choice((0.0, 0.5, 1.0)) == 1.0:
            break
    machine = tmp_path / "machine"
    machine.mkdir()
    write_disk(story.journal, last, random.Random(seed), machine)
    settings = _settings(machine)
    releases = Releases(settings.published)
    assert releases.verify(releases.current_id()) == []
    assert waiting(RawStore(settings.raw), settings.landing) == 0


def test_after_a_cut_at_any_of_some_instants_the_next_run_recovers(story: Story, tmp_path: Path) -> None:
    _cut_all(story, tmp_path, 8)


@pytest.mark.slow
def test_after_a_cut_at_any_of_200_instants_the_next_run_recovers(story: Story, tmp_path: Path) -> None:
    _cut_all(story, tmp_path, 200)


def _cut_all(story: Story, folder: Path, count: int) -> None:
    wrong = []
    for instant, seed in _spread(story, count):
        machine = folder / f"{instant}-{seed}"
        try:
            _cut(story, instant, seed, machine)
        except Exception as error:
            wrong.append(f"after step {instant} (seed {seed}): {type(error).__name__}: {error}"[:300])
        shutil.rmtree(machine, ignore_errors=True)
    assert wrong == [], f"{len(wrong)} of {count} cuts\n" + "\n".join(wrong)
