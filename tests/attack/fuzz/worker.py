"""One process of a fuzz run: input after input of one target, each announced before it is tried.

What it says on standard output is lines of JSON: ``{"tried": 7}`` before an input, ``{"fault": ...}`` after
one that does not hold. Its parent (``run``) sees by them what ended it, or where it hangs.

Put here: the loop, what an input may leave behind. Keep out: keeping inputs, time (``run``).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

import psutil

from tests.attack.fuzz.target import SECRET, SECRET_NAME, DoesNotHold, Target
from tests.attack.fuzz.targets import TARGETS

LOOK_AFTER = 50
WARM_UP = 200
"""Attempts after which caches are full: what grows later is a leak."""
MORE_MEMORY = 300 * 2**20
MORE_DESCRIPTORS = 20
MOST_CHILDREN = 4
_FRAMES = 6


def input_of(target: Target, seed: int, number: int) -> bytes:
    """The input of a number: the same on any machine, whatever was tried before it."""
    return target.make(random.Random(f"{seed} {target.name} {number}"))


def tried(target: Target, sent: bytes, folder: Path) -> dict[str, str] | None:
    """Why an input does not hold; none where it does. ``folder`` is left empty."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        target.attempt(sent, folder)
    except DoesNotHold as error:
        return {"says": str(error), "at": str(error)[:60]}
    except MemoryError:
        return {"says": f"more than {target.memory >> 20} MiB", "at": "memory"}
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        last = next((one for one in reversed(frames) if "site-packages" not in one.filename), frames[-1])
        told = "".join(traceback.format_exception(error))[-3000:]
        return {"says": told, "at": f"{type(error).__name__} {Path(last.filename).name}:{last.lineno}"}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return None


class Leaks:
    """What grew since the caches were full."""

    def __init__(self, temporary: Path) -> None:
        self._process, self._temporary = psutil.Process(), temporary
        self._before: tuple[int, int] | None = None

    def look(self, number: int) -> str | None:
        """What an attempt up to ``number`` left behind."""
        if left := sorted(path.name for path in self._temporary.iterdir()):
            for name in left:
                shutil.rmtree(self._temporary / name, ignore_errors=True)
                with contextlib.suppress(OSError):
                    (self._temporary / name).unlink()
            return f"files left behind: {left[:5]}"
        if len(children := self._process.children(recursive=True)) > MOST_CHILDREN:
            return f"{len(children)} processes left behind"
        now = (self._process.memory_info().rss, self._process.num_fds())
        if self._before is None:
            if number >= WARM_UP:
                self._before = now
        elif now[0] > self._before[0] + MORE_MEMORY:
            self._before = None
            return f"memory grew from {self._before} to {now[0] >> 20} MiB"
        elif now[1] > self._before[1] + MORE_DESCRIPTORS:
            self._before = None
            return f"descriptors grew to {now[1]}"
        return None


def main(arguments: list[str]) -> None:
    """Try inputs from a number on until the seconds are over."""
    name, seed, first, seconds = arguments
    target = TARGETS[name][0]
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is not for the parent
    os.environ[SECRET_NAME] = SECRET
    resource.setrlimit(resource.RLIMIT_DATA, (target.memory, target.memory))

    def say(**what: object) -> None:
        said.write(json.dumps(what) + "\n")
        said.flush()

    with tempfile.TemporaryDirectory(prefix="spm-fuzz-") as place:
        temporary = Path(place) / "tmp"
        temporary.mkdir()
        tempfile.tempdir = os.environ["TMPDIR"] = str(temporary)
        leaks, ends_at, number = Leaks(temporary), 0.0, int(first)
        while True:
            say(tried=number)
            if found := tried(target, input_of(target, int(seed), number), Path(place) / "attempt" / "here"):
                say(fault=number, **found)
            # the first one pays for imports and for a home
            ends_at = ends_at or time.monotonic() + float(seconds)
            number += 1
            if number % LOOK_AFTER == 0 and (leak := leaks.look(number - int(first))):
                say(fault=number - 1, says=leak, at=leak[:20])
            if time.monotonic() > ends_at:
                break
    say(done=number)


if __name__ == "__main__":
    main(sys.argv[1:])
