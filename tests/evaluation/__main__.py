"""``python -m tests.evaluation``: plant errors of every kind, judge, and write docs/rule-recall.md.

Put here: arguments and the order of work. Keep out: sets (``sets``), counts (``compared``), words (``page``).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.evaluation.compared import Compared, compare
from tests.evaluation.page import PAGE, missed_goals, page
from tests.evaluation.sets import ReportSet, make, short, whole


def main() -> int:
    """Do all of it; 1 when a goal is missed. The page is written all the same."""
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", description=__doc__)
    parser.add_argument("--seed", type=int, default=11, help="the first seed; sets take those after it")
    parser.add_argument("--short", action="store_true", help="two small sets, printed and not written")
    parser.add_argument("--folder", type=Path, help="where sets and homes are made, and kept")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="spm-evaluation-"))
    sets = (short if asked.short else whole)(asked.seed)
    found = Compared()
    for one in sets:
        found += _one(one, folder / one.name.replace(" ", "-"), keep=asked.folder is not None)
    text = page(found, sets)
    if asked.short:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")
    missed = missed_goals(found)
    print("\n".join(missed) or "every goal is reached", file=sys.stderr)
    if not asked.folder:
        shutil.rmtree(folder)
    return int(bool(missed))


def _one(one: ReportSet, folder: Path, keep: bool) -> Compared:
    began = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    settings = make(one, folder)
    # clean sets have nothing planted, so all their quarters tell of clean rows
    periods = one.periods[-1:] if one.shares else one.periods
    found = compare(folder / "set", settings.published / "current", periods)
    if not keep:
        shutil.rmtree(folder)
    print(f"{one.name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
