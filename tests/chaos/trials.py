"""Chains of killed runs in one home, read all the time, each ended by a run that nobody kills.

Put here: what has to hold after a kill and after the last run. Keep out: instants (``kills``), printing.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.publish.releases import Releases
from tests.chaos.homes import PERIODS, Trial, current, differences
from tests.chaos.kills import NAMED, killed
from tests.chaos.process import fork, start
from tests.chaos.reader import watch


@dataclass(slots=True)
class Tally:
    """Kills by instant, and those of them that left the new release current; everything that went wrong."""

    kills: Counter[str] = field(default_factory=Counter)
    left_new: Counter[str] = field(default_factory=Counter)
    recoveries: int = 0
    reads: int = 0
    torn: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    unrecovered: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add what another worker counted."""
        self.kills += other.kills
        self.left_new += other.left_new
        self.recoveries += other.recoveries
        self.reads += other.reads
        self.torn += other.torn
        self.mixed += other.mixed
        self.unrecovered += other.unrecovered


def chain(trial: Trial, home: Path, instants: Sequence[str], draw: random.Random, tally: Tally) -> list[str]:
    """Kill a run at each instant in turn, until one leaves the new release, then let one end.

    Returns the instants that were not used: no run was alive then, or the new release was already there.
    """
    reader = watch(home / "published", rest=trial.rest)
    unused = list(instants)
    before = trial.old
    for number, instant in enumerate(instants):
        alive, said = killed(trial, home, instant, draw)
        if not alive and instant in NAMED and number == 0:
            raise RuntimeError(f"{instant}: a run in a home as it was never came there\n{said}")
        if alive:
            unused.remove(instant)
            tally.kills[instant] += 1
            tally.left_new[instant] += current(home) == trial.new
            tally.torn += [f"{instant}: {said}" for said in torn(home, {before, trial.new})]
        before = current(home)
        if before == trial.new:
            break
    code, said = start(home, trial.sources, PERIODS).result()
    wrong = [f"exit code {code}: {said}"] if code else differences(home, trial.control)
    tally.unrecovered += [f"after {', '.join(instants)}: {one}" for one in wrong]
    tally.recoveries += 1
    report = reader.end()
    tally.reads += report.reads
    tally.mixed += report.wrong
    if report.seen not in ([trial.old], [trial.old, trial.new], [trial.new]):
        tally.mixed.append(f"after {', '.join(instants)}: the reader saw {report.seen}")
    return unused


def torn(home: Path, expected: set[str]) -> list[str]:
    """What is wrong with the current release, proved as `spm verify` does."""
    if current(home) not in expected:
        return [f"{current(home)} is neither the old release nor the new one"]

    def work() -> int:
        wrong = Releases(home / "published").verify(current(home))
        os.write(2, "\n".join(wrong).encode())
        return 1 if wrong else 0

    code, said = fork(work).result()
    return said.splitlines() or ([f"verify ended with {code}"] if code else [])
