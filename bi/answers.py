"""Answers of a BI tool held against SQL on the tables of a release, for ``bi.metrics`` and ``bi.superset``.

Put here: the tables to ask, values that questions leave open, the comparison of rows. Keep out: the questions
(``questions.yaml``, ``answers.yaml``), calls of a tool (``inside``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb

from pipelines.warehouse.parquet import read

Rows = Sequence[Sequence[Any]]

_LAST_DIGIT = Decimal("1e-6")


def tables_of(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of the release in ``folder`` views of ``connection``, under their names."""
    for table in sorted(folder.glob("*.parquet")):
        connection.execute(f"create view {table.stem} as select * from {read(table)}")


def filled(part: Any, values: Mapping[str, str]) -> Any:
    """A part of a question with ``{name}`` replaced by the value of that name, wherever it stands."""
    if isinstance(part, dict):
        return {name: filled(value, values) for name, value in part.items()}
    if isinstance(part, list):
        return [filled(value, values) for value in part]
    if isinstance(part, str):
        for name, value in values.items():
            # no str.format: {{ … }} is MetricFlow's own
            part = part.replace(f"{{{name}}}", value)
    return part


def same(found: Rows, answer: Rows, in_order: bool) -> bool:
    """Whether two sets of rows say the same: numbers to six digits, a time at midnight as its day."""
    ours, theirs = [[_plain(row) for row in rows] for rows in (answer, found)]
    if not in_order:
        ours, theirs = sorted(ours), sorted(theirs)
    return len(ours) == len(theirs) and all(map(_same_row, ours, theirs))


def difference(name: str, found: Rows, answer: Rows) -> str:
    """What either side says alone, the first rows of it, in one line."""
    ours, theirs = [_plain(row) for row in answer], [_plain(row) for row in found]
    only = [
        [row for row in some if not any(_same_row(row, other) for other in others if row[0] == other[0])]
        for some, others in ((theirs, ours), (ours, theirs))
    ]
    return f"{name}: the tool alone says {only[0][:3]}, the tables alone {only[1][:3]}"


def _same_row(ours: tuple[Any, ...], theirs: tuple[Any, ...]) -> bool:
    return ours[0] == theirs[0] and all(
        abs(one - other) <= _LAST_DIGIT for one, other in zip(ours[1], theirs[1], strict=True)
    )


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    """What is no number, a time as its day and nothing as nothing; then the numbers."""
    texts, numbers = [], []
    for value in row:
        text = "" if value is None else str(value)
        try:
            # 0111 is a code
            number = None if text.startswith("0") and text.isdigit() and text != "0" else Decimal(text)
        except InvalidOperation:
            number = None
        texts.append(text.removesuffix(" 00:00:00").removesuffix("T00:00:00") if number is None else "#")
        numbers += [] if number is None else [number]
    return tuple(texts), tuple(numbers)
