"""Reading processes: each reads one document after the other, so that a document can end its reader alone.

Put here: our end of the conversation. Keep out: theirs (``child_main``), limits and ends (``sandbox``), what
is read and how (``dispatch``).
"""

from __future__ import annotations

import atexit
import json
import resource
import sys
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.messages import say
from pipelines.readers.documents import grids
from pipelines.readers.documents.grids import Grid
from pipelines.sandbox import Child, ChildEnded
from pipelines.settings import MB, PROJECT_DIR, Limits
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reading, Reject

if TYPE_CHECKING:
    from pipelines.readers.layouts.reading import Line

START_SECONDS = 60
"""How long a child may take for its imports before something is wrong with the installation."""

ROWS, GRIDS, LINES, REJECT = b"rows", b"grids", b"lines", b"reject"
"""What a child is asked for, and says before rows (an Arrow stream), grids or lines (JSON), or before the
fields of a Reject (JSON)."""

# -P: the folder that the run was started in is no place to import from
_PROGRAM = ("-P", "-m", "pipelines.readers.child_main")
_ENVIRONMENT = {
    "PYTHONPATH": str(PROJECT_DIR),
    "PYTHONUTF8": "1",
    # pyarrow's own allocators reserve more than they use, which a limit on reserved memory would count
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
}


class ChildNotStarted(RuntimeError):
    """The reading process did not come up: the fault lies with the installation, not with a document."""


class Reader(Child):
    """A reading process.

    Raises:
        ChildNotStarted: it does not answer.
    """

    def __init__(self) -> None:
        super().__init__(_PROGRAM, _ENVIRONMENT)
        self.limit({resource.RLIMIT_CORE: 0})
        try:
            with self.within(START_SECONDS):
                self.pipe.recv_bytes()
        except ChildEnded:
            raise ChildNotStarted(
                say("reading.not_started", command=" ".join([sys.executable, *_PROGRAM]))
            ) from None
        self._own_bytes = self.data_bytes()

    def ask(self, wanted: bytes, file: RawFile, spec: ReadingSpec, limits: Limits) -> bytes | Reject:
        """Have one document read for ``ROWS`` or ``GRIDS``; returns them as they are sent.

        Raises:
            ChildEnded: it took too long or too much memory, or ended the process.
        """
        if self._own_bytes:
            most = self._own_bytes + limits.parse_memory_bytes
            self.limit({resource.RLIMIT_DATA: most}, for_good=False)
        with self.within(limits.parse_seconds):
            self.pipe.send((wanted, file.name, spec, limits))
            self.pipe.send_bytes(file.content)
            kind, body = self.pipe.recv_bytes(), self.pipe.recv_bytes()
        return Reject(*json.loads(body)) if kind == REJECT else body


_idle: list[Reader] = []


def read_in_child(file: RawFile, spec: ReadingSpec, limits: Limits, *, once: bool = False) -> Reading:
    """The rows of one document, read in a child; ``once``: what ends its reader is not tried again."""
    answer = _ask(ROWS, file, spec, limits, once=once)
    return answer if isinstance(answer, Reject) else pa.ipc.open_stream(answer).read_all()


def grids_in_child(file: RawFile, spec: ReadingSpec, limits: Limits) -> list[Grid] | Reject:
    """The cells of one document as they stand, read in a child."""
    answer = _ask(GRIDS, file, spec, limits)
    return answer if isinstance(answer, Reject) else grids.from_json(answer)


def lines_in_child(file: RawFile, spec: ReadingSpec, limits: Limits) -> list[Line] | Reject:
    """What each line of one document became by its layout, read in a child."""
    answer = _ask(LINES, file, spec, limits)
    if isinstance(answer, Reject):
        return answer
    from pipelines.readers.layouts import reading

    return reading.from_json(answer)


def _ask(
    wanted: bytes, file: RawFile, spec: ReadingSpec, limits: Limits, *, once: bool = False
) -> bytes | Reject:
    """Ask a reader that is idle, or a new one; readers stay for the next document.

    A document that ends its reader is tried once more in a fresh one: it may have paid for those before
    it, or for a busy machine.
    """
    reader = _idle.pop() if _idle else Reader()
    try:
        answer = reader.ask(wanted, file, spec, limits)
    except ChildEnded as ended:
        if once:
            return Reject("DOC-016", "", _how_it_ended(ended, limits))
        reader = Reader()
        try:
            answer = reader.ask(wanted, file, spec, limits)
        except ChildEnded as ended:
            return Reject("DOC-016", "", _how_it_ended(ended, limits))
    _idle.append(reader)
    return answer


def _how_it_ended(ended: ChildEnded, limits: Limits) -> str:
    if ended.is_late:
        return f"> {limits.parse_seconds} {say('reading.seconds')}"
    if ended.is_out_of_memory:
        return f"> {limits.parse_memory_bytes // MB} MB {say('reading.memory')}"
    return f"{say('reading.ended')}: {ended}"


@atexit.register
def end_children() -> None:
    """End the readers that wait for a document; they would end by themselves with this process."""
    while _idle:
        _idle.pop().end()
