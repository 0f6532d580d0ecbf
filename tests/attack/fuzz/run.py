"""A fuzz run: each target in a process of its own for its share of the time; what does not hold is kept.

Put here: time, hangs, crashes, files of what does not hold. Keep out: the loop itself (``worker``).
"""

from __future__ import annotations

import hashlib
import json
import re
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.settings import PROJECT_DIR
from tests.attack.fuzz.targets import TARGETS
from tests.attack.fuzz.worker import input_of

KEPT = PROJECT_DIR / ".setup" / "fuzz"
HANG_SECONDS = 60
START_SECONDS = 300
"""The first input pays for imports, and for a home where one is needed."""
MOST_FAULTS = 20
"""A target that fails so often is stopped: the first faults are enough to go on."""


@dataclass
class Outcome:
    """What a target was given. ``faults`` are the files of inputs that do not hold, one for each place."""

    target: str
    tried: int = 0
    not_held: int = 0
    seconds: float = 0.0
    faults: dict[str, Path] = field(default_factory=dict)


def fuzz(names: list[str], minutes: float, seed: int, keep: Path = KEPT) -> list[Outcome]:
    """Try each target for its share of the minutes."""
    shares = sum(TARGETS[name][1] for name in names)
    return [_of_target(name, 60 * minutes * TARGETS[name][1] / shares, seed, keep) for name in names]


def _of_target(name: str, seconds: float, seed: int, keep: Path) -> Outcome:
    outcome, first, began = Outcome(name), 0, time.monotonic()
    left = seconds
    while left > 0 and len(outcome.faults) < MOST_FAULTS:
        ended_at, why = _one_worker(outcome, name, seed, first, left, keep)
        outcome.seconds = time.monotonic() - began
        if why is None:
            break
        _keep(outcome, name, seed, ended_at, why, why, keep)
        first, left = ended_at + 1, seconds - outcome.seconds
    return outcome


def worker_command(name: str, seed: int, first: int, seconds: float) -> list[str]:
    """The process that tries inputs from ``first`` on."""
    return [sys.executable, "-m", "tests.attack.fuzz.worker", name, str(seed), str(first), str(seconds)]


def _one_worker(
    outcome: Outcome, name: str, seed: int, first: int, seconds: float, keep: Path
) -> tuple[int, str | None]:
    """The last input of a worker, and what ended it before its time; none where nothing did."""
    keep.mkdir(parents=True, exist_ok=True)
    log = keep / f"{name.replace(' ', '-')}.log"
    command = worker_command(name, seed, first, seconds)
    last, why = first, "ended by itself"
    with (
        log.open("ab") as errors,
        subprocess.Popen(
            command, cwd=PROJECT_DIR, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        ) as worker,
        selectors.DefaultSelector() as waiting,
    ):
        assert worker.stdout is not None
        waiting.register(worker.stdout, selectors.EVENT_READ)
        patience, text = START_SECONDS, b""
        while True:
            if not waiting.select(patience):
                worker.kill()
                return last, f"hangs for {patience} seconds"
            piece = worker.stdout.read1(65536)  # type: ignore[attr-defined]
            if not piece:
                break
            *lines, text = (text + piece).split(b"\n")
            for line in map(json.loads, lines):
                if "tried" in line:
                    patience = HANG_SECONDS if line["tried"] > first else START_SECONDS
                    last = line["tried"]
                    outcome.tried += 1
                elif "fault" in line:
                    _keep(outcome, name, seed, line["fault"], line["at"], line["says"], keep)
                    if len(outcome.faults) >= MOST_FAULTS:
                        worker.kill()
                        return last, None
                else:
                    return last, None
        why = f"ended with exit code {worker.wait()}"
    return last, why


def _keep(outcome: Outcome, name: str, seed: int, number: int, at: str, says: str, keep: Path) -> None:
    outcome.not_held += 1
    if at in outcome.faults:
        return
    sent = input_of(TARGETS[name][0], seed, number)
    stem = re.sub(r"\W+", "-", f"{name} {hashlib.sha256(sent).hexdigest()[:12]}")
    file = keep / f"{stem}.input"
    file.write_bytes(name.encode() + b"\n" + sent)
    file.with_suffix(".txt").write_text(f"{name}, seed {seed}, input {number}\n{says}\n", "utf-8", "replace")
    outcome.faults[at] = file
