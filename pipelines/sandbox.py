"""A process of its own for what somebody sent: it can end that process, but never the run.

The process is confined before its first line (``confinement``), gets none of our environment (no secret is
within reach of what is read), limits on what it uses, and an end when its time is over. What comes back is
bytes to be parsed, never a pickle; what it writes for people is shown here, cleaned and cut. Memory is
limited from outside (prlimit), which only Linux can: elsewhere only the time is limited.

Put here: starting and limiting a process, talking to it, ending it. Keep out: what it does (the callers), how
it is confined (``confinement``).
"""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Pipe
from pathlib import Path

from pipelines import confinement
from pipelines.confinement import Policy
from pipelines.messages import printable, say
from pipelines.settings import PROJECT_DIR

OUT_OF_MEMORY = 12
"""The exit code of a child that ran out of memory and could still say so."""
_LAST_SECONDS = 1
_START_SECONDS = 60
"""How long a child may take for its imports before something is wrong with the installation."""
_ENVIRONMENT = {
    "PYTHONPATH": str(PROJECT_DIR),
    "PYTHONUTF8": "1",
    # pyarrow's own allocators reserve more than they use, which a limit on reserved memory would count
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    # a confined program has one thread, and libraries are not to try for more
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
_MOST_SAID, _LONGEST_LINE = 64 << 10, 1000
"""Bytes that are shown of what a child says for people, and of a line of it."""


class ChildEnded(Exception):
    """The process is gone; the message says how, unless it took too long or too much memory."""

    def __init__(self, code: int, is_late: bool) -> None:
        super().__init__(signal.Signals(-code).name if code < 0 else f"exit {code}")
        self.is_late = is_late
        # a library that cannot have its memory aborts; little else makes it do so
        self.is_out_of_memory = not is_late and code in (OUT_OF_MEMORY, -signal.SIGABRT)


class Child:
    """A running Python program, confined, whose last argument is the file descriptor of its end of ``pipe``.

    ``arguments`` name the program; ``environment`` is all of the environment that it gets, ``reads`` and
    ``writes`` are the files (of ``reads`` also folders) that it may open beside those of Python.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        reads: Sequence[Path] = (),
        writes: Sequence[Path] = (),
    ) -> None:
        layers = confinement.layers()
        if not layers.landlock:
            # without it a process of the same account could read ours in /proc
            confinement.hide_memory()
        flags, program = _parts(arguments)
        own = [Path(program[0])] if program[0].endswith(".py") else []
        policy = Policy(layers, tuple(map(str, [*own, *reads])), tuple(map(str, writes)))
        # -P: neither its folder nor the one that the run was started in is a place to import from
        before = ["-P", confinement.__file__, policy.to_json()]
        self.pipe, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *flags, *before, *program, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment,
                cwd="/",
            )
        threading.Thread(target=self._show_what_it_says, daemon=True).start()
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

    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self._process.poll() is not None

    def end(self) -> int:
        """End it now, if it has not ended by itself; returns its exit code, below 0 for a signal."""
        self.pipe.close()
        self._process.kill()
        return self._process.wait()

    def _end_late(self) -> None:
        self._is_late = True
        self._process.kill()

    def _show_what_it_says(self) -> None:
        """Pass on its lines (a traceback, a warning of a library) as no sender could misuse them."""
        assert self._process.stderr is not None
        left = _MOST_SAID
        with self._process.stderr as said:
            while line := said.readline(_LONGEST_LINE):
                # it is read on to its end, so that it never waits for us
                if left > 0:
                    print(printable(line.decode("utf-8", "replace").rstrip("\n")), file=sys.stderr)
                left -= len(line)


class ModuleChild(Child):
    """A module of this project as a child: it says something when it has come up, and then answers.

    Raises:
        ChildEnded: it did not come up.
    """

    def __init__(self, module: str, reads: Sequence[Path] = ()) -> None:
        purelib, platlib = (Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib"))
        super().__init__(
            ["-m", module], _ENVIRONMENT, reads=[PROJECT_DIR / "pipelines", purelib, platlib, *reads]
        )
        self.limit({resource.RLIMIT_CORE: 0})
        with self.within(_START_SECONDS):
            self.pipe.recv_bytes()
        self._own_bytes = self.data_bytes()

    def limit_memory(self, most: int) -> None:
        """Let it take so many bytes beyond those that it came up with."""
        if self._own_bytes:
            self.limit({resource.RLIMIT_DATA: self._own_bytes + most}, for_good=False)

    @staticmethod
    def command(module: str) -> str:
        """What starts the module by hand, to see why it does not come up."""
        # -P: the folder that the run was started in is no place to import from
        return " ".join([sys.executable, "-P", "-m", module])


def confined_by() -> str:
    """What confines a reader of documents on this machine; ``-`` where nothing does."""
    found = confinement.layers()
    landlock = [f"Landlock {found.landlock}"] if found.landlock else []
    return ", ".join([*landlock, *(["seccomp"] if found.seccomp else [])]) or "-"


def weakness() -> str:
    """What is missing on this machine to confine a reader of documents; empty where nothing is."""
    missing = confinement.layers().missing()
    return say("sandbox.weak", missing=", ".join(missing)) if missing else ""


def _parts(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The flags of Python in some arguments, and what names the program: a module, code, or a file."""
    names = (at for at, word in enumerate(arguments) if word in ("-m", "-c") or word.endswith(".py"))
    place = next(names)
    return list(arguments[:place]), list(arguments[place:])
