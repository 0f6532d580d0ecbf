"""What a process says that speaks in the place of a reader, to harm who listens.

Put here: an answer a function. Keep out: what is proved of them (``tests/integration/test_sandbox.py``).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from multiprocessing.connection import Connection

import pyarrow as pa

from pipelines.submissions.rows import ROW_SCHEMA

ANSWERS: dict[str, Callable[[Connection], None]] = {}


def answer(function: Callable[[Connection], None]) -> Callable[[Connection], None]:
    ANSWERS[function.__name__] = function
    return function


def _rows(pipe: Connection, table: pa.Table, compression: str | None = None) -> None:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    pipe.send_bytes(b"rows")
    pipe.send_bytes(sink.getvalue())


def _table(note: pa.Array) -> pa.Table:
    rows = len(note)
    columns = {field.name: pa.nulls(rows, field.type) for field in ROW_SCHEMA}
    return pa.table({**columns, "note": note}, schema=ROW_SCHEMA)


@answer
def without_end(pipe: Connection) -> None:
    pipe.send_bytes(b"rows")
    os.write(pipe.fileno(), struct.pack("!iQ", -1, 1 << 40))
    while True:
        os.write(pipe.fileno(), bytes(1 << 20))


@answer
def longer_than_any_document(pipe: Connection) -> None:
    pipe.send_bytes(b"rows")
    pipe.send_bytes(bytes(200 << 20))


@answer
def of_a_kind_that_is_none(pipe: Connection) -> None:
    pipe.send_bytes(b"grids")
    pipe.send_bytes(b"[]")


@answer
def half_of_one(pipe: Connection) -> None:
    pipe.send_bytes(b"rows")


@answer
def no_stream(pipe: Connection) -> None:
    pipe.send_bytes(b"rows")
    pipe.send_bytes(os.urandom(5000))


@answer
def of_other_columns(pipe: Connection) -> None:
    _rows(pipe, pa.table({"a": [1]}))


@answer
def that_unpacks_to_gigabytes(pipe: Connection) -> None:
    _rows(pipe, _table(pa.repeat("x" * 1_000_000, 150)), "zstd")


@answer
def with_offsets_beyond_its_text(pipe: Connection) -> None:
    offsets = pa.py_buffer(struct.pack("=2i", 0, 1 << 30))
    _rows(pipe, _table(pa.StringArray.from_buffers(1, offsets, pa.py_buffer(b"abc"))))


@answer
def with_text_that_is_none(pipe: Connection) -> None:
    offsets = pa.py_buffer(struct.pack("=2i", 0, 3))
    _rows(pipe, _table(pa.StringArray.from_buffers(1, offsets, pa.py_buffer(b"\xff\xfe\xfd"))))


@answer
def refusal_of_brackets(pipe: Connection) -> None:
    pipe.send_bytes(b"reject")
    pipe.send_bytes(b"[" * 900_000)


@answer
def refusal_of_gigabytes(pipe: Connection) -> None:
    pipe.send_bytes(b"reject")
    pipe.send_bytes(b'["DOC-002","","' + b"x" * (64 << 20) + b'"]')


@answer
def of_noise_for_the_terminal(pipe: Connection) -> None:
    for _ in range(2000):
        os.write(2, b"\x1b[2J\x1b]0;masuk\x07" + b"y" * 5000 + b"\n")
    os.write(1, b"\x1b[2J")
