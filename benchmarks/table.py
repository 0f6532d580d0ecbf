"""``make bench``: everything measured, in one table with its aims.

Inputs are written once, below BENCH_DIR (default ``.bench``). Aims that are not met are shown, not raised.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from pathlib import Path

from benchmarks.measure import PROJECT_DIR
from benchmarks.rows import Figure, table
from benchmarks.runs import Plan, measure_all


def main() -> None:
    """Measure and print; each figure is said on standard error as it comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20 regions, 4 quarters: does it all run?")
    parser.add_argument("--regions", type=int, help="regions of a quarter; default all expected")
    parser.add_argument("--backfill-regions", type=int, help="regions of the backfills; default all expected")
    parser.add_argument("--repeat", type=int, default=3, help="runs of everything but the backfills")
    asked = parser.parse_args()
    bench = Path(os.environ.get("BENCH_DIR") or PROJECT_DIR / ".bench").resolve()
    if asked.quick:
        plan = Plan(bench, regions=20, backfill_regions=20, quarters=(2, 3, 4), repeat=1)
    else:
        plan = Plan(bench, asked.regions, asked.backfill_regions, repeat=max(1, asked.repeat))
    figures: dict[str, Figure] = {}
    for key, figure in measure_all(plan):
        figures[key] = figure
        if "." not in key:
            print(f"{key}: {figure.seconds:.1f} s", file=sys.stderr)
    print(table(figures))
    print(f"\n{_circumstances(plan)}")


def _circumstances(plan: Plan) -> str:
    quarter, backfill = (
        f"{count} regions" if count else "all expected regions"
        for count in (plan.regions, plan.backfill_regions)
    )
    return (
        f"Quarter: {quarter}, median of {plan.repeat}; backfills: {backfill}, {plan.backfill_set.periods}, "
        f"one run each. Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f} at the end. Memory is resident, with all children."
    )


if __name__ == "__main__":
    main()
