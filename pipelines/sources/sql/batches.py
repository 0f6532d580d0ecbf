"""Rows of a database as Arrow batches: every value as text, and whether it was a number.

Put here: values to text, rows to batches and back. Keep out: connecting (``server``, ``sqlite_file``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipelines.submissions.extract import Number, Row, Value

ROWS_PER_BATCH = 1000


def as_batch(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """``rows`` as one batch: for each name a column of structs ``{text: string, is_number: bool}``."""
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.RecordBatch.from_arrays([_column(values) for values in columns], names=list(names))


def rows_of(batch: pa.RecordBatch, names: Sequence[str]) -> Iterator[Row]:
    """The rows of a batch that ``as_batch`` made, with ``names`` in place of the batch's own."""
    columns = [_values(column) for column in batch.columns]
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
            text = value.hex()
        case dict() | list():
            text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=as_value)
        case _:
            text = str(value)
    return text


def _column(values: Sequence[Any]) -> pa.StructArray:
    texts = [as_value(value) for value in values]
    numbers = [isinstance(text, Number) for text in texts]
    return pa.StructArray.from_arrays(
        [pa.array(texts, pa.string()), pa.array(numbers, pa.bool_())], names=["text", "is_number"]
    )


def _values(column: pa.StructArray) -> list[Value]:
    texts, numbers = column.field("text").to_pylist(), column.field("is_number").to_pylist()
    return [Number(text) if number else text for text, number in zip(texts, numbers, strict=True)]
