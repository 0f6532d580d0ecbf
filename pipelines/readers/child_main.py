"""A reading process: one document after the other until its parent is gone.

Put here: what the process does. Keep out: who started and limits it (``child``), how a document is read
(``dispatch``).
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import astuple
from multiprocessing.connection import Connection
from typing import Any

import pyarrow as pa

from pipelines.messages import traceback_text
from pipelines.readers import rows_stream
from pipelines.readers.child import GRIDS, LINES, REJECT, ROWS
from pipelines.readers.dispatch import read_document, read_grids, read_lines
from pipelines.readers.documents import grids
from pipelines.readers.reading import not_read
from pipelines.sandbox import OUT_OF_MEMORY
from pipelines.settings import Limits
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject


def main() -> None:
    """Answer documents on the connection whose file descriptor is the first argument."""
    pipe = Connection(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear
    # a document makes many lists and hardly a cycle: looking for cycles took a tenth of its time
    gc.freeze()
    gc.set_threshold(50_000)
    try:
        pipe.send_bytes(b"ready")
        while True:
            wanted, name, spec, limits = pipe.recv()
            # the parent counts the seconds; the alarm is for a parent that is gone
            signal.alarm(2 * limits.parse_seconds)
            kind, body = _answer(wanted, RawFile(name, pipe.recv_bytes()), spec, limits)
            signal.alarm(0)
            pipe.send_bytes(kind)
            pipe.send_bytes(body)
    except (EOFError, BrokenPipeError):
        return
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _answer(
    wanted: bytes, file: RawFile, spec: ReadingSpec, limits: Limits
) -> tuple[bytes, bytes | pa.Buffer]:
    try:
        read, sent = _ANSWERS[wanted]
        reading = read(file, spec, limits)
        if not isinstance(reading, Reject):
            return wanted, sent(reading)
    except MemoryError:
        raise
    except Exception as error:
        # a fault of ours that one document found must not stop the others; it is logged and reported
        print(traceback_text(error), file=sys.stderr)
        reading = not_read(error)
    return REJECT, json.dumps(astuple(reading)).encode()


def _lines_to_json(found: Any) -> bytes:
    from pipelines.readers.layouts import reading  # there by now: it read them

    return reading.to_json(found)


_ANSWERS: dict[bytes, tuple[Callable[..., Any], Callable[[Any], bytes | pa.Buffer]]] = {
    ROWS: (read_document, rows_stream.sent),
    GRIDS: (read_grids, grids.to_json),
    LINES: (read_lines, _lines_to_json),
}
"""How each thing that is asked for is read, and how it is sent."""


if __name__ == "__main__":
    main()
