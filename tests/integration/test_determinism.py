"""The same input gives the same bytes: whatever the order of the documents, the threads or the machine.

Two quarters of forty regions as they really come: revisions, equal times of receipt, unreadable documents,
rows that are refused. A second home differs in all that must not matter.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipelines.landing import raw_store
from pipelines.settings import Settings
from pipelines.storage.checked_files import sha256_of
from tests.integration.home import NOW, RECEIVED, SEEDS, document, publish_periods, put, query, settings_of
from tests.random_submissions import HANDFUL, random_submissions

PERIODS = ["2023-Q3", "2023-Q4"]
REGIONS = (*HANDFUL, *(f"33.{number:02}" for number in range(1, 26)))
REVISED = ("64.71", "2023-Q4")
RANKS = {"rank_national", "n_national", "rank_province", "n_province", "tie_size"}
Document = tuple[str, bytes, datetime]


def _documents() -> Iterator[Document]:
    """Name, bytes and time of receipt of each document; no two have the same bytes."""
    sent: set[bytes] = set()
    for number, period in enumerate(PERIODS):
        for seed, revision in ((10 + number, 0), (20 + number, 1)):
            rows = random_submissions(seed, period, SEEDS, REGIONS)
            regions = REGIONS if not revision else REGIONS[::4]
            for place, region in enumerate(regions):
                mine = [row for row in rows if row["region"] == region]
                # every fourth region sends a second document; half of those at the very time of the first
                received = RECEIVED + timedelta(days=revision * (place % 2))
                content = document(mine)
                if mine and content not in sent:
                    yield f"{region}_{period}_{revision}.csv", content, received
                sent.add(content)
        yield f"33.01_{period}_rusak.csv", b"PK\x03\x04\x00\xff" + period.encode(), RECEIVED
        yield f"lain_{period}.csv", document(_refused(period)), RECEIVED


def _refused(period: str) -> Iterator[dict[str, str]]:
    row = {"record": "achievement", "period": period, "service": "K-PEND-01", "component": "recipients"}
    yield row | {"region": "Entah", "target": "10", "realised": "5"}
    yield row | {"region": "33.02", "target": "10", "realised": "banyak"}
    yield row | {"region": "33.03", "target": "10", "realised": "1.234"}
    yield {
        "record": "problem",
        "region": "33.04",
        "period": period,
        "sector": "sosial",
        "item": "data",
        "note": "x",
    }
    yield {
        "record": "budget",
        "region": "33.05",
        "period": period,
        "sector": "sosial",
        "target": "7",
        "realised": "3",
    }


@dataclass(frozen=True, slots=True)
class Run:
    """A home after its first run: where it lies, and the release that came of it."""

    folder: Path
    settings: Settings
    release: Path


def _run(folder: Path, settings: Settings) -> Run:
    made = publish_periods(settings, PERIODS)
    assert made.is_new
    return Run(folder, settings, (settings.published / "current").resolve())


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One folder of documents, one thread."""
    folder = tmp_path_factory.mktemp("plain")
    for name, content, received in _documents():
        put(folder / "inbox" / name, content, received)
    return _run(folder, settings_of(folder, threads=1, workers=1))


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The documents spread over folders, so listed in another order; small batches; two threads."""
    folder = tmp_path_factory.mktemp("shuffled")
    documents = list(_documents())
    rng = random.Random(5)
    rng.shuffle(documents)
    for name, content, received in documents:
        # below one folder: the first one is the sender's
        put(folder / "inbox" / "kiriman" / f"{rng.randrange(40):02}" / name, content, received)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw_store, "BATCH_SIZE", 7)
        return _run(folder, settings_of(folder, threads=2, workers=2))


def test_every_table_has_the_same_bytes(plain: Run, shuffled: Run) -> None:
    hashes = [
        {path.name: sha256_of(path) for path in run.release.glob("*.parquet")} for run in (plain, shuffled)
    ]
    assert len(hashes[0]) > 20
    assert {name for name in hashes[0] if hashes[0][name] != hashes[1].get(name)} == set()
    assert plain.release.name == shuffled.release.name


def test_the_input_is_one_that_tries_it(plain: Run) -> None:
    counted = query(
        "select sum(rows_superseded) as superseded, sum(rows_quarantined) as quarantined,"
        " count(*) filter (where reject_rule is not null) as rejected, count(distinct region_code) as regions"
        " from read_parquet($path)",
        path=str(plain.release / "mart_document.parquet"),
    )[0]
    assert all(
        counted[name] >= least
        for name, least in {"superseded": 100, "quarantined": 6, "rejected": 2, "regions": 36}.items()
    ), counted


def test_a_second_run_and_copies_under_other_names_publish_nothing(plain: Run) -> None:
    receipts = _receipts(plain)
    # of regions that sent a second document the copy of the first would come after it, and count
    sent_once = [
        path
        for path in (plain.folder / "inbox").glob("*_0.csv")
        if path.name.split("_")[0] not in REGIONS[::4]
    ]
    assert len(sent_once) > 40
    for number, path in enumerate(sorted(sent_once)[::9]):
        copy = Path(shutil.copy2(path, path.with_name(f"salinan_{number}.csv")))
        os.utime(copy, (path.stat().st_mtime + 86400,) * 2)
    tomorrow = replace(plain.settings, now=NOW + timedelta(days=1))
    again = publish_periods(tomorrow, PERIODS)
    assert (again.release_id, again.is_new) == (plain.release.name, False)
    # that they came is kept, and nothing that was kept before has changed
    assert receipts.items() <= _receipts(plain).items()


def _receipts(run: Run) -> dict[str, str]:
    return {path.name: sha256_of(path) for path in (run.settings.raw / "receipts").iterdir()}


def test_a_document_that_arrives_later_changes_its_region_and_the_ranks_alone(shuffled: Run) -> None:
    region, period = REVISED
    rows = random_submissions(99, period, SEEDS, [region, "64.72"])
    put(
        shuffled.folder / "inbox" / "susulan.csv",
        document(row for row in rows if row["region"] == region),
        RECEIVED + timedelta(days=9),
    )
    made = publish_periods(shuffled.settings, [period])
    assert made.is_new
    after = shuffled.settings.published / "releases" / made.release_id
    changed = {
        name
        for name in _by_region(shuffled.release)
        if _others(shuffled.release, name) != _others(after, name)
    }
    assert changed == set()
    assert _index(shuffled.release, *REVISED) != _index(after, *REVISED)
    assert _index(shuffled.release, region, PERIODS[0]) == _index(after, region, PERIODS[0])


def _by_region(release: Path) -> list[str]:
    tables = [path.stem for path in sorted(release.glob("*.parquet"))]
    # the ledger is of one release: every change is a row there
    tables.remove("mart_restatement")
    # ranks and the medians of peers are about other regions by their nature
    tables = [name for name in tables if name not in ("mart_rank_stability", "mart_peer")]
    found = [name for name in tables if {"region_code", "period"} <= set(_columns(release, name))]
    assert len(found) >= 10, found
    return found


def _columns(release: Path, table: str) -> list[str]:
    described = query("describe from read_parquet($path)", path=str(release / f"{table}.parquet"))
    return [str(row["column_name"]) for row in described]


def _others(release: Path, table: str) -> list[dict[str, object]]:
    """The rows of all but the revised region and period, without the ranks and the age of findings."""
    leave = RANKS if table == "mart_region_score" else {"status"} if table == "mart_finding" else set()
    kept = ", ".join(f'"{name}"' for name in _columns(release, table) if name not in leave)
    where = "where (region_code, period) is distinct from ($region, $period)"
    return query(
        f"select {kept} from read_parquet($path) {where} order by all",
        path=str(release / f"{table}.parquet"),
        region=REVISED[0],
        period=REVISED[1],
    )


def _index(release: Path, region: str, period: str) -> object:
    return query(
        "select index from read_parquet($path) where region_code = $region and period = $period",
        path=str(release / "mart_region_score.parquet"),
        region=region,
        period=period,
    )
