"""Fuzz, or try a kept input again; see the package."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.attack.fuzz.run import Outcome, fuzz
from tests.attack.fuzz.targets import TARGETS
from tests.attack.fuzz.worker import tried


def show(outcomes: list[Outcome]) -> None:
    """A line for each target, and for each fault."""
    for one in outcomes:
        print(f"{one.target:14} {one.tried:8} tried  {one.not_held:4} did not hold  {one.seconds:6.0f} s")
        for at, file in one.faults.items():
            print(f"    {at}: {file}")


def main() -> int:
    """The exit code: 1 where an input does not hold."""
    asked = argparse.ArgumentParser(prog="python -m tests.attack.fuzz")
    asked.add_argument("--minutes", type=float, default=1)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--target", action="append", choices=list(TARGETS))
    asked.add_argument("--again", type=Path)
    given = asked.parse_args()
    if given.again is not None:
        name, _, sent = given.again.read_bytes().partition(b"\n")
        with tempfile.TemporaryDirectory() as folder:
            found = tried(TARGETS[name.decode()][0], sent, Path(folder) / "here" / "now")
        print(found["says"] if found else "holds")
        return int(found is not None)
    outcomes = fuzz(given.target or list(TARGETS), given.minutes, given.seed)
    show(outcomes)
    return int(any(one.not_held for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
