"""Publishing alone, without a run: killed at each of its steps, or often while others read.

Put here: making and publishing a candidate. Keep out: the reader, the instants.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.publish.candidate import Candidate
from pipelines.publish.releases import Releases
from tests.chaos.homes import Trial, current, differences
from tests.chaos.kills import IN_PUBLISHING, kill_itself
from tests.chaos.process import Process, finished, fork
from tests.chaos.reader import watch
from tests.chaos.trials import Tally, torn
from tests.integration.candidates import release, rewrite

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


def alone(instant: str) -> str:
    """What an instant is called where a publication was killed, not a whole run."""
    return instant.replace("file:", "publishing alone:")


def kill_publications(trial: Trial, times: int) -> Tally:
    """Kill a publication at each of its instants, so many times, and publish after each."""
    tally = Tally()
    candidate = _candidate(trial)
    control = trial.home("published-once")
    _publish_in(control, candidate, lambda: None).result()
    for instant in IN_PUBLISHING * times:
        home = trial.home("published-killed")
        code, said = _publish_in(home, candidate, kill_itself(instant)).result()
        if code != -signal.SIGKILL:
            raise RuntimeError(f"{instant}: the publication ended with {code}: {said}")
        name = alone(instant)
        tally.kills[name] += 1
        tally.left_new[name] += current(home) == current(control)
        tally.torn += [f"{name}: {wrong}" for wrong in torn(home, {trial.old, current(control)})]
        code, said = _publish_in(home, candidate, lambda: None).result()
        wrong = [f"exit code {code}: {said}"] if code else differences(home, control)
        tally.unrecovered += [f"after {name}: {one}" for one in wrong]
        tally.recoveries += 1
    return tally


def _publish_in(home: Path, candidate: Candidate, before: Callable[[], None]) -> Process:
    def work() -> int:
        before()
        release(Releases(home / "published"), candidate)
        return 0

    return fork(work)


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
    folder.mkdir(exist_ok=True)
    files = [path for path in made.glob("*.parquet") if path.stem not in _NOT_IN_A_CANDIDATE]
    for path in files:
        shutil.copyfile(path, folder / path.name)
    tables = tuple(sorted(path.stem for path in files))
    return Candidate(folder, ("2024-Q3", "2024-Q4"), None, tables)
