"""A reading process: limits on itself, then one document after the other until its parent is gone.

Memory is limited by RLIMIT_DATA, set for each document to what the process held before its first one and
what a document may cost; RLIMIT_AS would count what libraries only reserve. Known to Linux alone:
elsewhere memory has no limit.

Put here: what the process does. Keep out: who started it (``child``), how a document is read (``reading``).
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.readers.documents import grids
from pipelines.readers.guard.child import GRIDS, OUT_OF_MEMORY, REJECT, ROWS
from pipelines.readers.reading import read_document, read_grids
from pipelines.settings import Limits
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile, Reject

_LONGEST_CAUSE = 200


def main() -> None:
    """Answer documents on the connection whose file descriptor is the first argument."""
    pipe = Connection(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # a document makes many lists and hardly a cycle: looking for cycles took a tenth of its time
    gc.freeze()
    gc.set_threshold(50_000)
    own_bytes = _data_bytes()
    pipe.send_bytes(b"ready")
    try:
        while True:
            wanted, name, spec, limits = pipe.recv()
            file = RawFile(name, pipe.recv_bytes())
            _limit(limits, own_bytes)
            kind, body = _answer(wanted, file, spec, limits)
            signal.alarm(0)
            pipe.send_bytes(kind)
            pipe.send_bytes(body)
    except (EOFError, BrokenPipeError):
        return


def _limit(limits: Limits, own_bytes: int) -> None:
    # the parent counts the seconds; the alarm is for a parent that is gone
    signal.alarm(2 * limits.parse_seconds)
    if own_bytes:
        most = own_bytes + limits.parse_memory_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _answer(
    wanted: bytes, file: RawFile, spec: ReadingSpec, limits: Limits
) -> tuple[bytes, bytes | pa.Buffer]:
    try:
        read, sent = _ANSWERS[wanted]
        reading = read(file, spec, limits)
        if not isinstance(reading, Reject):
            return wanted, sent(reading)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:
        # a fault of ours that one document found must not keep the others out; it is shown, and told
        traceback.print_exc()
        cause = f"{type(error).__name__}: {error}"[:_LONGEST_CAUSE]
        reading = Reject("DOC-016", "", f"galat pembaca / reader error: {cause}")
    return REJECT, json.dumps([reading.rule_id, reading.place, reading.value]).encode()


def _stream(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _data_bytes() -> int:
    """Writable memory of this process as RLIMIT_DATA counts it; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData")), 0)


_ANSWERS: dict[bytes, tuple[Callable[..., Any], Callable[[Any], bytes | pa.Buffer]]] = {
    ROWS: (read_document, _stream),
    GRIDS: (read_grids, grids.to_json),
}
"""How each thing that is asked for is read, and how it is sent."""


if __name__ == "__main__":
    main()
