"""Reading processes: each reads one document after the other, so that a document can end its reader alone.

Put here: our end of the conversation. Keep out: theirs (``child_main``), limits and ends (``sandbox``), what
is read and how (``dispatch``).
"""

from __future__ import annotations

import atexit
import json
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

from pipelines.messages import say
from pipelines.readers import rows_stream
from pipelines.readers.documents import grids
from pipelines.readers.documents.grids import Grid
from pipelines.registry.seed_files import SEEDS
from pipelines.sandbox import ChildEnded, ModuleChild
from pipelines.settings import MB, Limits
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reading, Reject

if TYPE_CHECKING:
    from pipelines.readers.layouts.reading import Line

ROWS, GRIDS, LINES, REJECT = b"rows", b"grids", b"lines", b"reject"
"""What a child is asked for, and says before rows (an Arrow stream), grids or lines (JSON), or before the
fields of a Reject (JSON)."""

_PROGRAM = "pipelines.readers.child_main"
_READS = (SEEDS,)
_KIND_BYTES, _REJECT_BYTES, _SHOWN_BYTES, _BESIDE_BYTES = 16, MB, 256 * MB, MB
"""What an answer takes at most: its kind, a refusal, what is shown to people, and what is around rows."""


Found = TypeVar("Found")


class ChildNotStarted(RuntimeError):
    """The reading process did not come up: the fault lies with the installation, not with a document."""


class Reader(ModuleChild):
    """A reading process.

    Raises:
        ChildNotStarted: it does not answer.
    """

    def __init__(self) -> None:
        try:
            super().__init__(_PROGRAM, _READS)
        except ChildEnded:
            raise ChildNotStarted(say("reading.not_started", command=self.command(_PROGRAM))) from None

    def ask(self, wanted: bytes, file: RawFile, spec: ReadingSpec, limits: Limits) -> bytes | Reject:
        """Have one document read for ``ROWS`` or ``GRIDS``; returns them as they are sent.

        Raises:
            ChildEnded: it took too long or too much memory, or ended the process.
        ValueError: what came is no answer.
        """
        self.limit_memory(limits.parse_memory_bytes)
        with self.within(limits.parse_seconds):
            self.pipe.send((wanted, file.name, spec, limits))
            self.pipe.send_bytes(file.content)
            kind = self.pipe.recv_bytes(_KIND_BYTES)
            most = limits.landed_bytes + _BESIDE_BYTES if wanted == ROWS else _SHOWN_BYTES
            body = self.pipe.recv_bytes(_REJECT_BYTES if kind == REJECT else most)
        if kind not in (REJECT, wanted):
            raise ValueError("something else speaks in the place of a reader")
        return _refusal(body) if kind == REJECT else body


def _refusal(body: bytes) -> Reject:
    try:
        said = json.loads(body)
    except RecursionError:
        raise ValueError("brackets") from None
    if not isinstance(said, list) or len(said) != len(fields(Reject)):
        raise ValueError("no refusal")
    return Reject(*map(str, said))


_idle: list[Reader] = []


def read_in_child(file: RawFile, spec: ReadingSpec, limits: Limits, *, once: bool = False) -> Reading:
    """The rows of one document, read in a child; ``once``: what ends its reader is not tried again."""
    return _ask(ROWS, rows_stream.received, file, spec, limits, once=once)


def grids_in_child(file: RawFile, spec: ReadingSpec, limits: Limits) -> list[Grid] | Reject:
    """The cells of one document as they stand, read in a child."""
    return _ask(GRIDS, grids.from_json, file, spec, limits)


def lines_in_child(file: RawFile, spec: ReadingSpec, limits: Limits) -> list[Line] | Reject:
    """What each line of one document became by its layout, read in a child."""
    from pipelines.readers.layouts import reading

    return _ask(LINES, reading.from_json, file, spec, limits)


def _ask(
    wanted: bytes,
    understood: Callable[[bytes], Found],
    file: RawFile,
    spec: ReadingSpec,
    limits: Limits,
    *,
    once: bool = False,
) -> Found | Reject:
    """Ask a reader that is idle, or a new one, and read its answer; readers stay for the next document.

    A document that ends its reader, or makes it say what no reader says, is tried once more in a fresh one:
    it may have paid for those before it, or for a busy machine.
    """
    reader = _idle_reader()
    for is_last in (True,) if once else (False, True):
        try:
            answer = reader.ask(wanted, file, spec, limits)
            found = answer if isinstance(answer, Reject) else understood(answer)
        except ChildEnded as ended:
            said = _how_it_ended(ended, limits)
        except ValueError:
            reader.end()
            said = say("reading.nonsense")
        else:
            _idle.append(reader)
            return found
        if not is_last:
            reader = Reader()
    return Reject("DOC-016", "", said)


def _idle_reader() -> Reader:
    while _idle:
        reader = _idle.pop()
        if not reader.has_ended():
            return reader
        reader.end()
    return Reader()


def warm_up() -> None:
    """Have a reader come up before there is a document."""
    _idle.append(_idle_reader())


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
