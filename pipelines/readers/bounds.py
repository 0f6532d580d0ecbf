"""What the rows of one document may take: the text of a value, and all of them together.

A value that is too long costs its row. Its text is not kept: the bytes of the document are.

Put here: bounds of rows. Keep out: bounds of bytes, archives and sheets (``guard``), of time and memory
(``sandbox``).
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.messages import say
from pipelines.settings import MB, Limits
from pipelines.submissions.rows import COLUMNS, ROW_SCHEMA, Reading, Reject

TOO_LONG_RULE = "ROW-003"
_PLACES = ("row_place", "target_place", "realised_place")
ANY_FORM_BYTES = 2 * MB
"""The rows of a document may take so much, however few its bytes are: a full form takes a twentieth."""
_SMALL = 1000
_KEPT = ("region", "period")
"""What a row that is held back still says, so that its sender is told."""


def bounded(rows: pa.Table, sent_bytes: int, limits: Limits) -> Reading:
    """The rows with those held back that hold a value of too many letters; a refusal if all are too much.

    One text that a workbook uses thousands of times is sent once: rows may take ``landed_ratio`` times what
    was sent, or what any form may.
    """
    rows = _of_short_values(rows, limits.cell_letters)
    most = min(limits.landed_bytes, max(ANY_FORM_BYTES, limits.landed_ratio * sent_bytes))
    if rows.nbytes > most:
        return _too_much(rows, f"{_mb(rows.nbytes)} > {_mb(most)} {say('guard.rows')}")
    return rows


class SourceBound:
    """What the documents of a source that are read as one batch take together, beyond what they were sent as.

    Small ones never count for too much: the honest ones that came among the others are read.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._taken = 0

    def admitted(self, rows: pa.Table, sent_bytes: int) -> Reading:
        """The rows of the next document, or its refusal."""
        beyond = max(0, rows.nbytes - self._limits.landed_ratio * sent_bytes)
        most = self._limits.source_landed_bytes
        if self._taken + beyond > most and beyond > most // _SMALL:
            said = f"{_mb(self._taken + beyond)} > {_mb(most)} {say('guard.rows_of_source')}"
            return _too_much(rows, said)
        self._taken += beyond
        return rows


class PeriodBound:
    """What all documents that a source ever sent for a period take together: a build holds them at once.

    Beyond it small ones are still read, up to twice as much: the honest ones that come among the others.
    """

    def __init__(self, limits: Limits) -> None:
        self._most = limits.period_landed_bytes
        self._taken: Counter[str] = Counter()

    def taken_before(self, of_periods: Mapping[str, int]) -> None:
        """Count what was landed earlier: the bytes of each period."""
        self._taken.update(of_periods)

    def admitted(self, rows: pa.Table, of_periods: Mapping[str, int]) -> Reading:
        """The rows of the next document, whose bytes each period has a share of, or its refusal."""
        most = self._most if rows.nbytes > self._most // _SMALL else 2 * self._most
        for period, count in sorted(of_periods.items()):
            if (found := self._taken[period] + count) > most:
                named = period or "-"
                return _too_much(
                    rows, f"{_mb(found)} > {_mb(most)} {say('guard.rows_of_period', period=named)}"
                )
        self._taken.update(of_periods)
        return rows


def _too_much(rows: pa.Table, said: str) -> Reject:
    whose = [found[0] or "" if len(found := rows[name].unique().to_pylist()) == 1 else "" for name in _KEPT]
    return Reject("DOC-011", "", said, *whose)


def _mb(count: int) -> str:
    return f"{-(-count // MB)} MB"


def _of_short_values(rows: pa.Table, most: int) -> pa.Table:
    lengths = {name: pc.fill_null(pc.utf8_length(rows[name]), 0) for name in (*COLUMNS, *_PLACES)}
    too_long = {name: pc.greater(found, most) for name, found in lengths.items()}
    raw = pc.utf8_slice_codeunits(rows["reject_text"], 0, most)
    found = [name for name, where in too_long.items() if pc.any(where).as_py()]
    if not found:
        return _with(rows, "reject_text", raw)
    is_held_back = functools.reduce(pc.or_, (too_long[name] for name in found))
    nothing = pa.scalar(None, pa.string())
    for name in (*COLUMNS, *_PLACES):
        # a key that is too long is no place either: the row keeps its number
        where = too_long[name] if name in (*_KEPT, *_PLACES) else is_held_back
        rows = _with(rows, name, pc.if_else(where, nothing, rows[name]))
    said = raw
    for name in found:
        count = pc.cast(lengths[name], pa.string())
        sentence = pc.binary_join_element_wise(f"{name}: ", count, f" > {most}", "")
        said = pc.if_else(too_long[name], sentence, said)
    numbered = pa.array([f"L{number}" for number in range(1, len(rows) + 1)], pa.string())
    rows = _with(rows, "row_place", pc.coalesce(rows["row_place"], numbered))
    rule = pc.if_else(is_held_back, TOO_LONG_RULE, rows["reject_rule"])
    return _with(_with(rows, "reject_rule", rule), "reject_text", said)


def _with(rows: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    return rows.set_column(ROW_SCHEMA.get_field_index(name), ROW_SCHEMA.field(name), values)
