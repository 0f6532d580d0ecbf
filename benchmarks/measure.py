"""One child process, measured: wall time, processor time, peak memory, and when each line of its log came.

Every figure of the table comes from a process of its own: start and imports are part of what a user waits
for, and the peak memory of one run must not hide behind another's.

Put here: the stop-watch. Keep out: what is measured (``runs``), what should come of it (``rows``).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PROJECT_DIR = Path(__file__).resolve().parent.parent
SPM = str(Path(sys.executable).with_name("spm"))
SAMPLE_SECONDS = 0.1
MIB = 1024 * 1024


class MeasuredCommandFailed(RuntimeError):
    """A measured command did not end well; the message holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process took. ``peak_mib`` is resident memory of the process and all it started, together.

    ``log`` holds the lines of standard error, each with the seconds from the start to its coming.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float
    output: str
    log: tuple[tuple[float, str], ...]


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None, code: int = 0) -> Measured:
    """Run ``command`` in the project's folder, ``environment`` added to ours, and measure it.

    Raises:
        MeasuredCommandFailed: it ends with another exit code than ``code``.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=PROJECT_DIR,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    peaks = [0]
    reader = threading.Thread(target=_read, args=(process, said))
    watcher = threading.Thread(target=_watch, args=(process.pid, peaks), daemon=True)
    reader.start()
    watcher.start()
    assert process.stderr is not None
    log = tuple((time.perf_counter() - started, line.rstrip()) for line in process.stderr)
    reader.join()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != code:
        tail = "\n".join([*(line for _, line in log), *said][-30:])
        raise MeasuredCommandFailed(f"{' '.join(command)} ended with {process.returncode}:\n{tail}")
    # the kernel's figure misses no peak but knows one process; the samples add up all that run at once
    peak = max(used.ru_maxrss * 1024, peaks[0])
    return Measured(seconds, used.ru_utime + used.ru_stime, peak / MIB, "".join(said), log)


def _read(process: subprocess.Popen[str], said: list[str]) -> None:
    assert process.stdout is not None
    said.extend(process.stdout)


def _watch(pid: int, peaks: list[int]) -> None:
    try:
        root = psutil.Process(pid)
        while root.is_running() and root.status() != psutil.STATUS_ZOMBIE:
            peaks[0] = max(peaks[0], sum(map(_resident, [root, *root.children(recursive=True)])))
            time.sleep(SAMPLE_SECONDS)
    except psutil.NoSuchProcess:
        return


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
