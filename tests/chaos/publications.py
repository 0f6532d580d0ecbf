"""Releases published one after the other while others read: every read is one whole release.

Put here: publishing alone, without a run. Keep out: the reader.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from pipelines.publish.candidate import Candidate
from pipelines.publish.releases import Releases
from tests.chaos.homes import Trial
from tests.chaos.process import finished, fork
from tests.chaos.reader import watch
from tests.integration.conftest import release, rewrite

_NOT_IN_A_CANDIDATE = {"mart_release", "meta_column"}
_READERS = 2


@dataclass(frozen=True, slots=True)
class Readings:
    """How many releases were published, how many times they were read, and what was wrong with a reading."""

    releases: int
    reads: int
    wrong: list[str]


def read_while_publishing(trial: Trial, publications: int, reads: int) -> Readings:
    """Publish so many releases, each once its share of ``reads`` is done."""
    home = trial.home("published-often")
    ticks = trial.folder / "ticks"
    ticks.touch()
    readers = [watch(home / "published", rest=0, ticks=ticks) for _ in range(_READERS)]
    publisher = fork(lambda: _publish(trial, home, publications, reads, ticks))
    published = json.loads(finished(publisher).splitlines()[-1])
    reports = [reader.end() for reader in readers]
    wrong = [said for report in reports for said in report.wrong]
    order = [trial.old, *published]
    for report in reports:
        if report.seen != sorted(set(report.seen), key=order.index):
            wrong.append(f"the releases were not read in the order of their publication: {report.seen}")
    return Readings(len(published), sum(report.reads for report in reports), wrong)


def _publish(trial: Trial, home: Path, publications: int, reads: int, ticks: Path) -> int:
    releases = Releases(home / "published")
    candidate = _candidate(trial)
    published = []
    for number in range(publications):
        score = f"if(region_code = '64.71', {number % 100}, index)::decimal(9, 6)"
        rewrite(candidate.file("mart_region_score"), f"select * replace ({score} as index) from t")
        published.append(release(releases, candidate).release_id)
        while ticks.stat().st_size < (number + 1) * reads // publications:
            time.sleep(0.005)
    os.write(2, json.dumps(published).encode() + b"\n")
    return 0


def _candidate(trial: Trial) -> Candidate:
    """The tables of the release that the unkilled run made, as a candidate."""
    made = trial.control / "published" / "current"
    folder = trial.folder / "candidate"
    folder.mkdir()
    files = [path for path in made.glob("*.parquet") if path.stem not in _NOT_IN_A_CANDIDATE]
    for path in files:
        shutil.copyfile(path, folder / path.name)
    tables = tuple(sorted(path.stem for path in files))
    return Candidate(folder, ("2024-Q3", "2024-Q4"), None, tables)
