"""A process of its own for what somebody sent: it can end that process, but never the run.

The process gets none of our environment (no secret is within reach of what is read), limits on what it
uses, and an end when its time is over. What comes back is bytes to be parsed, never a pickle. Limits are
set from outside (prlimit), which only Linux can: elsewhere only the time is limited.

Put here: starting and limiting a process, talking to it, ending it. Keep out: what it does (the callers).
"""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Pipe
from pathlib import Path

OUT_OF_MEMORY = 12
"""The exit code of a child that ran out of memory and could still say so."""
_LAST_SECONDS = 1


class ChildEnded(Exception):
    """The process is gone; the message says how, unless it took too long or too much memory."""

    def __init__(self, code: int, is_late: bool) -> None:
        super().__init__(signal.Signals(-code).name if code < 0 else f"exit {code}")
        self.is_late = is_late
        # a library that cannot have its memory aborts; little else makes it do so
        self.is_out_of_memory = not is_late and code in (OUT_OF_MEMORY, -signal.SIGABRT)


class Child:
    """A running Python program whose last argument is the file descriptor of its end of ``pipe``.

    ``arguments`` name the program; ``environment`` is all of the environment that it gets.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.pipe, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *arguments, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=environment,
            )
        self._is_late = False

    def limit(self, limits: Mapping[int, int], *, for_good: bool = True) -> None:
        """Set ``resource`` limits on it; one that is not ``for_good`` can be set anew."""
        if not hasattr(resource, "prlimit"):
            return
        for name, most in limits.items():
            _, hard = resource.prlimit(self._process.pid, name)
            soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(self._process.pid, name, (soft, soft if for_good else hard))

    def data_bytes(self) -> int:
        """Its writable memory as RLIMIT_DATA counts it; 0 where the system does not tell."""
        status = Path(f"/proc/{self._process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData")), 0)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Talk to it on ``pipe``; it is killed when the seconds are over, whatever it does.

        Raises:
            ChildEnded: it ended before the talk did.
        """
        watchdog = threading.Timer(seconds, self._end_late)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        except (EOFError, OSError):
            # what closed its end is about to end, and its own exit code says why
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_LAST_SECONDS)
            raise ChildEnded(self.end(), self._is_late) from None
        finally:
            watchdog.cancel()

    def end(self) -> int:
        """End it now, if it has not ended by itself; returns its exit code, below 0 for a signal."""
        self.pipe.close()
        self._process.kill()
        return self._process.wait()

    def _end_late(self) -> None:
        self._is_late = True
        self._process.kill()
