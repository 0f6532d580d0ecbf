"""``python -m tests.history``: play the script and print the result of each release.

Put here: arguments and the table. Keep out: what is played (``script``), how (``play``).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.history.play import History, Played
from tests.history.script import short, whole


def main() -> int:
    """Do all of it; 1 when anything was not as it has to be, and then the folder stays."""
    parser = argparse.ArgumentParser(prog="python -m tests.history", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the history of the tests: four releases")
    parser.add_argument("--folder", help="where the home is made; kept when something is wrong")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="spm-history-", dir=asked.folder))
    played = History(short() if asked.short else whole(), folder).play(_say)
    reasons = sum((one.reasons for one in played), Counter[str]())
    wrong = [said for one in played for said in one.wrong]
    print(
        f"\n{len(played)} releases by {len({one.registry for one in played})} registries;"
        f" {reasons.total()} cells changed: {_counted(reasons)};"
        f" {sum(bool(one.is_same_again) for one in played)} built again to the same hashes;"
        f" {len(wrong)} things wrong"
    )
    if wrong:
        print(f"see {folder}")
    else:
        shutil.rmtree(folder)
    return int(bool(wrong))


def _say(one: Played) -> None:
    print(f"{one.release_id} registry {one.registry} {one.seconds:5.1f} s  {one.what}", flush=True)
    if one.is_same_again is None:
        print(f"    built {', '.join(one.built)}; cells: {_counted(one.reasons) or 'none'}", flush=True)
    else:
        print(f"    built again: {'the same' if one.is_same_again else 'NOT the same'}", flush=True)
    for said in one.wrong:
        print(f"    WRONG {said}", flush=True)


def _counted(reasons: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))


if __name__ == "__main__":
    sys.exit(main())
