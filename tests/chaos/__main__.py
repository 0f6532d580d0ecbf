"""``python -m tests.chaos``: kill runs at random and at named instants, and print the results.

Put here: arguments, workers, the table. Keep out: what is tried (``trials``, ``faults``, ``publications``).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from tests.chaos.faults import FREE_KB, MEMORY_MB, READ_ONLY, refusals
from tests.chaos.homes import Trial, make_trial
from tests.chaos.kills import ANYWHERE, NAMED, PUBLISHING
from tests.chaos.process import Process, fork, warm_up
from tests.chaos.publications import alone, kill_publications, read_while_publishing
from tests.chaos.trials import Tally, chain

_SAY_SECONDS = 120
_ORDER = [ANYWHERE, PUBLISHING, *NAMED, *(alone(instant) for instant in NAMED)]
_FAULTS = {
    "none": ((), (), ()),
    "few": (FREE_KB[1:2], READ_ONLY[:1], ()),
    "all": (FREE_KB, READ_ONLY, MEMORY_MB),
}


def main() -> int:
    """Do all that was asked for; 1 when anything was not as it has to be."""
    asked = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="spm-chaos-", dir=asked.folder))
    # no clock: the same documents give the same receipts, landed files and releases
    os.environ["SPM_NOW"] = "2025-06-01T03:00:00+00:00"
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "tmp")
    (folder / "tmp").mkdir()
    warm_up()
    trial = replace(make_trial(folder), chain=asked.chain, rest=asked.rest)
    print(f"a run that nobody kills takes {trial.seconds:.1f} s; {trial.old} -> {trial.new}", flush=True)
    tally = _kill(trial, _instants(asked), asked.jobs, asked.seed)
    tally.unrecovered += [f"left in TMPDIR: {path.name}" for path in (folder / "tmp").iterdir()]
    _show(tally)
    publishing = kill_publications(trial, asked.publishing)
    _show(publishing)
    failed = any(one.torn or one.mixed or one.unrecovered for one in (tally, publishing))
    failed |= _refuse(trial, *_FAULTS[asked.faults])
    failed |= _publish(trial, asked.releases, asked.reads) if asked.releases else False
    if not failed:
        shutil.rmtree(folder)
    return int(failed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--random", type=int, default=500, help="kills at random instants")
    parser.add_argument("--named", type=int, default=20, help="kills at each named instant")
    parser.add_argument("--publishing", type=int, default=20, help="the same of publishing alone")
    parser.add_argument("--faults", choices=("none", "few", "all"), default="all", help="disk, memory")
    parser.add_argument("--releases", type=int, default=100, help="published while others read")
    parser.add_argument("--reads", type=int, default=10_000, help="of those releases")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="homes at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chain", type=int, default=5, help="most kills before a run is let end")
    parser.add_argument("--rest", type=float, default=4, help="of a reader, in times of its reading")
    parser.add_argument("--folder", help="where homes are made; kept when something is wrong")
    return parser.parse_args()


def _instants(asked: argparse.Namespace) -> list[str]:
    """Every kill that is asked for, in random order; a quarter of the random ones while publishing."""
    publishing = asked.random // 4
    instants = [PUBLISHING] * publishing + [ANYWHERE] * (asked.random - publishing) + NAMED * asked.named
    random.Random(asked.seed).shuffle(instants)
    return instants


def _kill(trial: Trial, instants: list[str], jobs: int, seed: int) -> Tally:
    def worker(number: int) -> Process:
        results = trial.folder / f"tally-{number}.json"
        return fork(lambda: _work(trial, number, instants[number::jobs], seed, results))

    running = {number: worker(number) for number in range(jobs)}
    said_at = time.monotonic()
    while running:
        if time.monotonic() - said_at > _SAY_SECONDS:
            said_at = time.monotonic()
            print(_sums(_sum(trial)), flush=True)
        for number, process in list(running.items()):
            if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                code, said = running.pop(number).result()
                if code:
                    raise RuntimeError(f"worker {number} ended with {code}: {said}")
        time.sleep(1)
    return _sum(trial)


def _work(trial: Trial, number: int, instants: list[str], seed: int, results: Path) -> int:
    draw = random.Random(seed * 1000 + number)
    tally = Tally()
    chains = 0
    while instants:
        home = trial.home(f"home-{number}")
        length = min(draw.randint(max(1, trial.chain - 2), trial.chain), len(instants))
        unused = chain(trial, home, instants[:length], draw, tally)
        # what a chain had no use for comes first in the next one, which begins with the old release
        instants = unused + instants[length:]
        chains += 1
        _write(results, tally)
        shutil.rmtree(home)
    return 0


def _write(path: Path, tally: Tally) -> None:
    partial = path.with_suffix(".new")
    counted = {one.name: getattr(tally, one.name) for one in fields(tally)}
    partial.write_text(json.dumps(counted), encoding="utf-8")
    partial.replace(path)


def _sum(trial: Trial) -> Tally:
    total = Tally()
    for path in sorted(trial.folder.glob("tally-*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        counters = {name: Counter(found[name]) for name in ("kills", "left_new")}
        total.add(Tally(**found | counters))
    return total


def _sums(tally: Tally) -> str:
    return (
        f"{tally.kills.total()} kills: torn releases {len(tally.torn)}; {tally.reads} reads,"
        f" {len(tally.mixed)} of them wrong; {tally.recoveries} recoveries,"
        f" {len(tally.unrecovered)} differences from a home where nothing was killed"
    )


def _refuse(trial: Trial, free_kb: Sequence[int], read_only: Sequence[str], memory_mb: Sequence[int]) -> bool:
    if not free_kb:
        return False
    try:
        found = refusals(trial, free_kb, read_only, memory_mb)
    except NotImplementedError as error:
        print(f"\nfull disks and read-only folders: not run, {error}")
        return False
    print("\nwhat the machine refused, and what was said; the run after it went well:")
    for name, line in found.refused.items():
        print(f"  {name}: {line[:200]}")
    print(f"  went well all the same: {', '.join(found.went_well) or 'none'}; wrong: {len(found.wrong)}")
    for said in found.wrong:
        print(f"  {said}")
    return bool(found.wrong)


def _publish(trial: Trial, publications: int, reads: int) -> bool:
    found = read_while_publishing(trial, publications, reads)
    print(f"\n{found.reads} reads during {found.releases} releases, {len(found.wrong)} of them wrong")
    for said in found.wrong[:10]:
        print(f"  {said}")
    return bool(found.wrong)


def _show(tally: Tally) -> None:
    print(f"\n{'killed at':<52}{'kills':>7}{'old':>7}{'new':>7}   (the release that readers had then)")
    for instant in sorted(tally.kills, key=_ORDER.index):
        kills, new = tally.kills[instant], tally.left_new[instant]
        print(f"{instant:<52}{kills:>7}{kills - new:>7}{new:>7}")
    kills, new = tally.kills.total(), tally.left_new.total()
    print(f"{'all':<52}{kills:>7}{kills - new:>7}{new:>7}\n")
    print(_sums(tally))
    for said in [*tally.torn, *tally.mixed, *tally.unrecovered][:30]:
        print(f"  {said}")


if __name__ == "__main__":
    sys.exit(main())
