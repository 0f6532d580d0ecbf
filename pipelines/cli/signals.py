"""The signal that stopped a command: a terminal's Ctrl-C (SIGINT), or a service manager's SIGTERM.

Both interrupt the command; what was begun is undone on the way out. Dagster and dbt install handlers of their
own while they work and turn the signal into a failed step, so which one came is read from Python's wakeup
pipe, which is written whoever handles the signal.

Put here: taking note of a signal. Keep out: exit codes of errors (``pipelines.errors``).
"""

from __future__ import annotations

import os
import signal

_pipe: list[int] = []
_received: list[signal.Signals] = []


def listen() -> None:
    """Take note of signals from here on, and let SIGTERM interrupt as SIGINT does."""
    _pipe[:] = os.pipe()
    for end in _pipe:
        os.set_blocking(end, False)
    signal.set_wakeup_fd(_pipe[1], warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def received() -> signal.Signals | None:
    """The first signal that came since ``listen``; none where none did."""
    if _pipe and not _received:
        try:
            _received.extend(map(signal.Signals, os.read(_pipe[0], 1)))
        except BlockingIOError:
            return None
    return _received[0] if _received else None
