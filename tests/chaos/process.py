"""``spm run`` in a process that costs nothing to start: forked from one that has its imports behind it.

Put here: starting, ending, awaiting such a process. Keep out: when to end it (``kills``).
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn


def warm_up() -> None:
    """Import what a run imports and have dbt parse its project; opens no database, which a fork must not."""
    from dbt.adapters.duckdb import connections  # noqa: F401

    from pipelines.cli import app, runs  # noqa: F401
    from pipelines.cli.show import runs as shown  # noqa: F401
    from pipelines.quality import judge  # noqa: F401
    from pipelines.warehouse import dbt

    dbt.manifest()
    dbt._parsed_manifest()


@dataclass(slots=True)
class Process:
    """A process, and the end of the pipe that its standard error goes to."""

    pid: int
    stderr: IO[str]

    def kill(self) -> None:
        """End it as the system does when memory runs out: nothing of it gets to act."""
        os.kill(self.pid, signal.SIGKILL)

    def result(self) -> tuple[int, str]:
        """Its exit code (negative: the signal that ended it), and what it said since."""
        said = self.stderr.read()
        self.stderr.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), said


def fork(work: Callable[[], int]) -> Process:
    """Do ``work`` in a process of its own; what it returns is the exit code."""
    theirs, ours = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(theirs)
        _be_the_child(work, ours)
    os.close(ours)
    return Process(pid, os.fdopen(theirs, encoding="utf-8"))


def start(
    home: Path, sources: Path, periods: str, *options: str, before: Callable[[], None] = lambda: None
) -> Process:
    """``spm run``; ``before`` is called in the new process first."""

    def work() -> int:
        from pipelines.cli.app import app

        before()
        arguments = ["run", periods, "--sources", str(sources), "--home", str(home), *options]
        return int(app(arguments, standalone_mode=False) or 0)

    return fork(work)


def finished(process: Process) -> str:
    """Wait for a process that has to end well; what it said."""
    code, said = process.result()
    if code != 0:
        raise RuntimeError(f"exit code {code}\n{said}")
    return said


def _be_the_child(work: Callable[[], int], stderr: int) -> NoReturn:
    code = 70
    try:
        os.dup2(stderr, 2)
        os.close(stderr)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = work()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
