"""Processes that read documents for us, so that a document can end its reader but never the run.

A child has no environment of ours (a secret in it is out of reach of what it reads), its memory is
limited beyond what it needs by itself, and whoever waits for it waits only so long. What it sends back is
Arrow or text, never a pickle.

Put here: our end of the conversation. Keep out: theirs (``child_main``), what is read and how (``reading``).
"""

from __future__ import annotations

import atexit
import json
import signal
import subprocess
import sys
from multiprocessing.connection import Pipe

import pyarrow as pa

from pipelines.readers.documents import grids
from pipelines.readers.documents.grids import Grid
from pipelines.settings import MB, PROJECT_DIR, Limits
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reading, Reject

START_SECONDS = 60
"""How long a child may take for its imports before something is wrong with the installation."""

OUT_OF_MEMORY = 12
"""The exit code of a child that ran out of memory and could still say so."""

ROWS, GRIDS, REJECT = b"rows", b"grids", b"reject"
"""What a child is asked for, and says before rows (an Arrow stream) or grids (JSON), or before the fields of
a Reject (JSON)."""

_CHILD = "pipelines.readers.guard.child_main"
_ENVIRONMENT = {
    "PYTHONPATH": str(PROJECT_DIR),
    "PYTHONUTF8": "1",
    # pyarrow's own allocators reserve more than they use, which a limit on reserved memory would count
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
}


class ChildNotStarted(RuntimeError):
    """The reading process did not come up: the fault lies with the installation, not with a document."""


class ChildEnded(Exception):
    """A document ended its reader; the message completes rule DOC-016."""


class Child:
    """A reading process: one document in, its rows, its grids or its reject out.

    Raises:
        ChildNotStarted: it does not answer.
    """

    def __init__(self) -> None:
        self._pipe, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                # -P: the folder that the run was started in is no place to import from
                [sys.executable, "-P", "-m", _CHILD, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=_ENVIRONMENT,
            )
        try:
            ready = self._pipe.poll(START_SECONDS) and self._pipe.recv_bytes()
        except EOFError:
            ready = False
        if not ready:
            self.close()
            raise ChildNotStarted(
                f"proses pembaca tidak berjalan / the reading process did not start: {sys.executable} -P -m "
                f"{_CHILD}; pasang ulang / install again (make setup)"
            )

    def ask(self, wanted: bytes, file: RawFile, spec: ReadingSpec, limits: Limits) -> bytes | Reject:
        """Have one document read for ``ROWS`` or ``GRIDS``; returns them as they are sent.

        Raises:
            ChildEnded: it took too long or too much memory, or ended the process; so has this child.
        """
        try:
            self._pipe.send((wanted, file.name, spec, limits))
            self._pipe.send_bytes(file.content)
            if not self._pipe.poll(limits.parse_seconds):
                self.close()
                raise ChildEnded(f"> {limits.parse_seconds} detik / seconds")
            kind, body = self._pipe.recv_bytes(), self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            raise ChildEnded(self._how_it_ended(limits)) from error
        return Reject(*json.loads(body)) if kind == REJECT else body

    def close(self) -> None:
        """End the process at once."""
        self._pipe.close()
        self._process.kill()
        self._process.wait()

    def _how_it_ended(self, limits: Limits) -> str:
        code = self._process.wait()
        self.close()
        # a library that cannot have its memory aborts; little else makes it do so
        if code in (OUT_OF_MEMORY, -signal.SIGABRT):
            return f"> {limits.parse_memory_bytes // MB} MB memori / of memory"
        name = signal.Signals(-code).name if code < 0 else str(code)
        return f"pembaca berhenti / the reader ended: {name}"


_idle: list[Child] = []


def read_in_child(file: RawFile, spec: ReadingSpec, limits: Limits) -> Reading:
    """The rows of one document, read in a child."""
    answer = _ask(ROWS, file, spec, limits)
    return answer if isinstance(answer, Reject) else pa.ipc.open_stream(answer).read_all()


def grids_in_child(file: RawFile, spec: ReadingSpec, limits: Limits) -> list[Grid] | Reject:
    """The cells of one document as they stand, read in a child."""
    answer = _ask(GRIDS, file, spec, limits)
    return answer if isinstance(answer, Reject) else grids.from_json(answer)


def _ask(wanted: bytes, file: RawFile, spec: ReadingSpec, limits: Limits) -> bytes | Reject:
    """Ask a child that is idle, or a new one; children stay for the next document.

    A document that ends its reader is tried once more in a fresh one: it may have paid for those before
    it, or for a busy machine.
    """
    child = _idle.pop() if _idle else Child()
    try:
        answer = child.ask(wanted, file, spec, limits)
    except ChildEnded:
        child = Child()
        try:
            answer = child.ask(wanted, file, spec, limits)
        except ChildEnded as ended:
            return Reject("DOC-016", "", str(ended))
    _idle.append(child)
    return answer


@atexit.register
def end_children() -> None:
    """End the children that wait for a document; they would end by themselves with this process."""
    while _idle:
        _idle.pop().close()
