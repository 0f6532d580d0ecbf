"""Who reads while releases change sees one whole release at a time. Readers are processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.publish.postgres.address import Address
from pipelines.settings import PROJECT_DIR
from tests.integration.home import query
from tests.integration.loads import Home, asked, load
from tests.integration.postgres_reader import PARTS


@dataclass(frozen=True, slots=True)
class Readings:
    """What the readers saw together."""

    reads: int
    wrong: list[str]
    releases: int
    longest_seconds: float


def read_while_publishing(
    home: Home, address: Address, reader: str, folder: Path, publications: int, reads: int
) -> Readings:
    """Load releases by turns, each once its share of ``reads`` is done by two processes."""
    stop, ticks, expected = folder / "stop", folder / "ticks", folder / "expected.json"
    ticks.touch()
    expected.write_text(json.dumps({release_id: parts_of(home, release_id) for release_id in home.ids}))
    load(home, address, home.ids[0])
    readers = [reading(reader, folder) for _ in range(2)]
    try:
        for number in range(publications):
            # every seventh copies every row of every table anew
            load(home, address, home.ids[(number + 1) % len(home.ids)], everything=number % 7 == 6)
            while ticks.stat().st_size < (number + 1) * reads // publications:
                assert all(process.poll() is None for process in readers)
                time.sleep(0.005)
    finally:
        stop.touch()
        said = [json.loads(process.communicate()[0].splitlines()[-1]) for process in readers]
    return Readings(
        sum(one["reads"] for one in said),
        [wrong for one in said for wrong in one["wrong"]],
        max(len(one["seen"]) for one in said),
        max(one["longest_seconds"] for one in said),
    )


def reading(reader: str, folder: Path) -> subprocess.Popen[str]:
    """A process that reads until ``stop`` is there, and compares with ``expected.json``."""
    command = [sys.executable, "-m", "tests.integration.postgres_reader", reader]
    command += [str(folder / name) for name in ("expected.json", "stop", "ticks")]
    return subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True)


def parts_of(home: Home, release_id: str) -> list[str]:
    return [
        query(f"select {sql} as said from read_parquet('{home.file(release_id, table)}')")[0]["said"]
        for table, sql in PARTS.items()
    ]


def test_readers_of_a_few_publications_see_whole_releases_and_do_not_wait(
    home: Home, address: Address, reader: str, tmp_path: Path
) -> None:
    found = read_while_publishing(home, address, reader, tmp_path, publications=10, reads=1_000)
    assert found.wrong == []
    assert found.reads >= 1_000
    assert found.releases >= 8
    assert found.longest_seconds < 5


@pytest.mark.slow
def test_ten_thousand_readings_of_a_hundred_publications_see_whole_releases(
    home: Home, address: Address, reader: str, tmp_path: Path
) -> None:
    found = read_while_publishing(home, address, reader, tmp_path, publications=100, reads=10_000)
    assert found.wrong == []
    assert found.reads >= 10_000
    assert found.releases >= 80
    assert found.longest_seconds < 5


def test_a_bad_answer_of_the_database_is_seen_by_the_reader(
    home: Home, address: Address, reader: str, tmp_path: Path
) -> None:
    load(home, address, home.ids[0])
    asked(address, "update marts.mart_region_score set index = 1 where region_code = '64.71'")
    (tmp_path / "expected.json").write_text(json.dumps({one: parts_of(home, one) for one in home.ids}))
    process = reading(reader, tmp_path)
    while not (tmp_path / "ticks").exists() or (tmp_path / "ticks").stat().st_size < 5:
        assert process.poll() is None
        time.sleep(0.01)
    (tmp_path / "stop").touch()
    assert json.loads(process.communicate()[0])["wrong"]
