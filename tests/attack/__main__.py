"""Run the short set of attacks and a fuzz run, show and write what held; exit 1 where something did not."""

from __future__ import annotations

import argparse
import sys

from tests.attack import counting, table
from tests.attack.fuzz.__main__ import show
from tests.attack.fuzz.run import fuzz
from tests.attack.fuzz.targets import TARGETS


def main() -> int:
    """The exit code."""
    asked = argparse.ArgumentParser(prog="python -m tests.attack")
    asked.add_argument("--minutes", type=float, default=1, help="of the fuzz run")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--count", action="store_true", help="count the attacks, run nothing")
    given = asked.parse_args()
    if given.count:
        counted = counting.collect()
        # `make test` runs each of them: one that does not hold is a failure there
        counted.held = counted.tried
        table.write_attacks(counted)
        return 0
    counted = counting.run()
    outcomes = fuzz(list(TARGETS), given.minutes, given.seed)
    print(f"{'kind':28} {'tried':>6} {'held':>6}")
    for kind, tried in sorted(counted.tried.items()):
        print(f"{kind:28} {tried:6} {counted.held[kind]:6}")
    print(f"{'all':28} {counted.tried.total():6} {counted.held.total():6}")
    for name in counted.not_held:
        print(f"    {name}")
    show(outcomes)
    table.write_attacks(counted)
    table.write_fuzz(outcomes, given.seed)
    held = counted.tried.total() > 0 and counted.held == counted.tried
    return int(not held or any(one.not_held for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
