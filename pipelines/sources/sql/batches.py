"""Rows of a database as Arrow batches: every value as text, and whether it was a number, or bytes.

Put here: values to text, rows to batches and back. Keep out: connecting (``server``, ``sqlite_file``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, time
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa

from pipelines.submissions.extract import Number, Row, Value

ROWS_PER_BATCH = 1000


def as_batch(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """``rows`` as one batch: for each name a column of structs ``{text, is_number, is_binary}``."""
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.RecordBatch.from_arrays([_column(values) for values in columns], names=list(names))


def rows_of(
    batch: pa.RecordBatch, names: Sequence[str], text_of_bytes: Callable[[str, bytes], str]
) -> Iterator[Row]:
    """The rows of a batch that ``as_batch`` made, with ``names`` in place of the batch's own.

    ``text_of_bytes`` says what bytes (a BLOB) in the column of that name are: they have no text.
    """
    columns = [
        _values(column, partial(text_of_bytes, name))
        for name, column in zip(names, batch.columns, strict=True)
    ]
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def as_value(value: Any) -> Value:
    """A value as its text: decimals keep their scale, times are ISO 8601, bytes are hexadecimal."""
    text: Value
    match value:
        case None | str():
            text = value
        case bool():
            text = str(value).lower()
        case int():
            text = Number(value)
        case float():
            # the shortest text that reads back as the same number; JSON knows no NaN
            text = Number(repr(value)) if math.isfinite(value) else repr(value)
        case Decimal():
            text = Number(f"{value:f}") if value.is_finite() else str(value)
        case date() | time():
            text = value.isoformat()
        case bytes() | bytearray() | memoryview():
            text = Binary(value.hex())
        case dict() | list():
            text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=as_value)
        case _:
            text = str(value)
    return text


class Binary(str):
    """Bytes, hexadecimal."""

    __slots__ = ()


def _column(values: Sequence[Any]) -> pa.StructArray:
    texts = [as_value(value) for value in values]
    numbers = [isinstance(text, Number) for text in texts]
    binaries = [isinstance(text, Binary) for text in texts]
    return pa.StructArray.from_arrays(
        [pa.array(texts, pa.string()), pa.array(numbers, pa.bool_()), pa.array(binaries, pa.bool_())],
        names=["text", "is_number", "is_binary"],
    )


def _values(column: pa.StructArray, text_of: Callable[[bytes], str]) -> list[Value]:
    texts, numbers = column.field("text").to_pylist(), column.field("is_number").to_pylist()
    values: list[Value] = [
        Number(text) if number else text for text, number in zip(texts, numbers, strict=True)
    ]
    for at, is_binary in enumerate(column.field("is_binary").to_pylist()):
        if is_binary:
            values[at] = text_of(bytes.fromhex(texts[at]))
    return values
