"""Rows on their way out of a reading process: a stream of Arrow that is proved before anything uses it.

The process that wrote it had a sender's document in its hands. Arrow trusts what it is given: an offset
beyond its buffer is read there, and a compressed buffer unpacks to any size.

Put here: rows to bytes, bytes to rows. Keep out: the processes (``child``, ``child_main``).
"""

from __future__ import annotations

import struct

import pyarrow as pa

from pipelines.submissions.rows import ROW_SCHEMA

_MOST_METADATA = 1 << 20


class NoRows(ValueError):
    """The bytes are no rows of ours."""


def sent(rows: pa.Table) -> pa.Buffer:
    """The rows as bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getvalue()


def received(content: bytes) -> pa.Table:
    """The rows of some bytes, whoever wrote them; they take no more memory than the bytes do.

    Raises:
        NoRows: they are none of ours, or not in order.
    """
    try:
        _demand_plain(content)
        with pa.ipc.open_stream(content) as stream:
            if not stream.schema.equals(ROW_SCHEMA):
                raise NoRows("schema")
            if (
                sum(len(text) for pair in (stream.schema.metadata or {}).items() for text in pair)
                > _MOST_METADATA
            ):
                raise NoRows("metadata")
            rows = stream.read_all()
        rows.validate(full=True)
        # columns that share their bytes would be as many copies of them
        if rows.nbytes > len(content):
            raise NoRows("shared")
    except (pa.ArrowException, struct.error, EOFError, OSError, ValueError, UnicodeDecodeError) as error:
        raise NoRows(str(error)) from None
    return rows


def _demand_plain(content: bytes) -> None:
    """Go on with a schema and batches alone, none of which is compressed.

    Raises:
        NoRows: there is something else.
    """
    stream = pa.BufferReader(content)
    wanted = "schema"
    while (found := _next(stream)) is not None:
        if found.type != wanted or (wanted == "record batch" and _is_compressed(found.metadata.to_pybytes())):
            raise NoRows(found.type)
        wanted = "record batch"


def _next(stream: pa.BufferReader) -> pa.ipc.Message | None:
    try:
        return pa.ipc.read_message(stream)
    except EOFError:
        return None


def _is_compressed(message: bytes) -> bool:
    """Whether the RecordBatch of a message (flatbuffers, ``Message.fbs``) has its field ``compression``."""
    header = 2
    compression = 3
    root = _at(message, "<I", 0)
    at = root + _field(message, root, header)
    batch = at + _at(message, "<I", at)
    return _field(message, batch, compression) != 0


def _field(message: bytes, table: int, number: int) -> int:
    """Where a field of a table lies, from the table on; 0 where it is not there."""
    fields = table - _at(message, "<i", table)
    size = _at(message, "<H", fields)
    place = 4 + 2 * number
    return _at(message, "<H", fields + place) if place + 2 <= size else 0


def _at(message: bytes, kind: str, place: int) -> int:
    if place < 0:
        raise NoRows("offset")
    return int(struct.unpack_from(kind, message, place)[0])
