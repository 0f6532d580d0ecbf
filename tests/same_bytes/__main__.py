"""``python -m tests.same_bytes BASE``: are all tables of all releases what the code of a commit makes?

The demo and the scripted history are played by the code of BASE (a git reference) and by the code as it
stands, with the same interpreter, clock and file times.

Put here: arguments and the order of it. Keep out: playing (``trees``), comparing (``compared``).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tests.same_bytes.compared import Unlike, compared, report
from tests.same_bytes.trees import of_commit, present


def main() -> int:
    """Do all of it; 1 when a table differs that may not, and then the folder stays."""
    parser = argparse.ArgumentParser(prog="python -m tests.same_bytes", description=__doc__)
    parser.add_argument("base", help="a commit, branch or tag")
    parser.add_argument("--regions", default="40", help="of the demo: how many report, all, or none")
    parser.add_argument("--history", default="short", choices=["short", "whole", "none"])
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="spm-same-bytes-"))
    trees = {"base": of_commit(asked.base, folder / "code"), "now": present()}
    unlike: list[Unlike] = []
    if asked.regions != "none":
        regions = None if asked.regions == "all" else int(asked.regions)
        for name, tree in trees.items():
            _say(f"demo by the code of {name}")
            (folder / "demo" / name).mkdir(parents=True)
            tree.demo(folder / "demo" / name / "home", regions)
        unlike += _compared(folder / "demo")
    if asked.history != "none":
        for name, tree in trees.items():
            _say(f"{asked.history} history by the code of {name}")
            tree.history(folder / "history" / name, asked.history)
        unlike += _compared(folder / "history")
    wrong = any(not one.allowed for one in unlike)
    if wrong:
        print(f"see {folder}")
    else:
        shutil.rmtree(folder)
    return int(wrong)


def _compared(folder: Path) -> list[Unlike]:
    same, unlike = compared(folder / "base" / "home", folder / "now" / "home")
    for line in report(same, unlike):
        _say(line)
    if not same:
        unlike.append(Unlike("-", "-", "nothing was compared"))
    return unlike


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
