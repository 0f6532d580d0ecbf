"""When a run is killed: at a random instant, at a step that it names itself, at a file that it touches.

Put here: the instants, and one run that meets its own. Keep out: what has to hold afterwards (``trials``).
"""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.chaos.homes import PERIODS, Trial
from tests.chaos.process import Process, start

ANYWHERE, PUBLISHING = "random, the whole run", "random, while publishing"

STEPS = {
    "step: receiving": "receiving documents",
    "step: reading": "reading documents",
    "step: dbt": "standardising and scoring",
    "step: candidate": "writing candidate tables",
    "step: judging": "judging",
    "step: publishing": "/ publishing",
}
"""Lines of ``pipelines.progress``, in their order."""

FILES = {
    "file: a document, before its name": ("os.rename", r"/raw/blobs/../\w+$"),
    "file: receipts, before their name": ("os.rename", r"/raw/receipts/[^/.]+\.ndjson$"),
    "file: landed rows, before their name": ("os.rename", r"/landing/.*[^/]\.rows\.parquet$"),
    "file: landed documents, before their name": ("os.rename", r"/landing/.*\.documents\.parquet$"),
    "file: release, its folder made": ("os.mkdir", r"/\.partial-\d+$"),
    "file: release, its tables made": ("open", r"/\.partial-\d+/manifest\.json$"),
    "file: release, before it is announced": ("os.rename", r"/published/\.publishing$"),
    "file: release, before its name": ("os.rename", r"/releases/r\d+-\w+$"),
    "file: release, after its name": ("os.symlink", r"/\.current-\d+$"),
    "file: pointer, before it moves": ("os.rename", r"/published/current$"),
    "file: pointer, after it moved": ("os.remove", r"/published/\.publishing$"),
    "file: work folder, before it is swept": ("shutil.rmtree", r"/work/[^/]+$"),
}
"""Python's own audit events, raised just before a file is touched, and the file."""

NAMED = [*STEPS, *FILES]
IN_PUBLISHING = [name for name in FILES if "release" in name or "pointer" in name]


def killed(trial: Trial, home: Path, instant: str, draw: random.Random) -> tuple[bool, str]:
    """Run in ``home`` and kill the run at ``instant``; whether it was still alive then, and what it said."""
    if instant in FILES:
        process = start(home, trial.sources, PERIODS, before=kill_itself(instant))
        said = ""
    else:
        process = start(home, trial.sources, PERIODS)
        if instant == ANYWHERE:
            time.sleep(draw.uniform(0, trial.seconds))
            said = ""
        else:
            line = STEPS["step: publishing" if instant == PUBLISHING else instant]
            said = _until(process, line)
            time.sleep(draw.uniform(0, trial.seconds / 8) if instant == PUBLISHING else 0)
        process.kill()
    code, rest = process.result()
    return code == -signal.SIGKILL, said + rest


def _until(process: Process, line: str) -> str:
    said = ""
    while line not in said and (heard := process.stderr.readline()):
        said += heard
    return said


def kill_itself(instant: str) -> Callable[[], None]:
    """What a process calls to kill itself at an instant of ``FILES``."""
    event, pattern = FILES[instant]

    def hear(heard: str, arguments: tuple[object, ...]) -> None:
        if heard == event and any(
            re.search(pattern, os.fsdecode(said))
            for said in arguments
            if isinstance(said, (str, bytes, Path))
        ):
            os.kill(os.getpid(), signal.SIGKILL)

    return lambda: sys.addaudithook(hear)
