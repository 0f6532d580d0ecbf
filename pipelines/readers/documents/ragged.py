"""Lines with more or fewer fields than the header: which of them are clear all the same.

Excel leaves empty fields at the end of a line out, in blocks of 16 lines, and writes some more where a cell
beyond the table was once filled. But a delimiter that is lost, or one too many within the line (the comma of
an unquoted ``1,250``), moves values into other columns: such a line is never read.

Put here: judging lines by their fields. Keep out: cutting lines into fields, labels (``csv``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipelines.registry.letters import legible
from pipelines.registry.nothing_words import says_nothing

_NUMBER = re.compile(r"(?:rp\.?)?[\s+-]*\.?[0-9][0-9.,\s]*%?", re.IGNORECASE)
_RUPIAH = re.compile(r"^rp\.?\s*", re.IGNORECASE)
_FOLLOWING_DIGITS = re.compile(r"0[0-9]+")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Header:
    """The line of the labels, from 1, its delimiter, and where our columns stand.

    ``width`` is the number of its fields, ``named`` that without nameless ones at its end. ``unknown`` are
    the labels of the columns that are none of ours.
    """

    line: int
    delimiter: str
    width: int
    named: int
    positions: Mapping[str, int]
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the physical line it starts on, its fields, and its text if the fields do not fit.

    ``is_broken``: its fields are only what stands between delimiters, because of a quote or a comma.
    """

    line: int
    fields: list[str]
    raw: str | None = None
    is_broken: bool = False


def fitted(records: Sequence[Record], header: Header, unended: int | None) -> list[Record]:
    """The records, those that are clear as wide as the header; the others keep their text.

    ``unended`` is a line that no line end closes: it may have been cut in the middle of a number.
    """
    if header.delimiter == "," and "note" in header.positions:
        records = [_unless_split(record, header.positions) for record in records]
    if all(record.raw is None for record in records):
        return list(records)
    is_one_width = len({len(record.fields) for record in records}) == 1
    found: list[Record] = []
    # lines of one block are as wide as each other
    for width, block in groupby(records, key=_other_width):
        same = list(block)
        if not width or (len(same) == 1 and same[0].line == unended and width < header.named):
            found += same
            continue
        found += [
            Record(record.line, record.fields[: header.width] + [""] * (header.width - width))
            if is_clear
            else record
            for record, is_clear in zip(same, _clear(same, header, is_one_width), strict=True)
        ]
    return found


def _unless_split(record: Record, positions: Mapping[str, int]) -> Record:
    """The record, given up where its width is right by chance: ``1,250`` and a field at the end left out."""
    if record.raw is not None or not record.fields[positions["note"]].strip().isdecimal():
        return record
    values = _Values.of(record.fields, positions)
    if not (values.may_be_one_number(positions) or values.may_be_one_number(positions, "realised", "note")):
        return record
    return Record(record.line, record.fields, raw=",".join(record.fields), is_broken=True)


def _other_width(record: Record) -> int:
    """The number of fields of a record that has another one than the header; 0 for any other record."""
    return 0 if record.raw is None or record.is_broken else len(record.fields)


def _clear(same: Sequence[Record], header: Header, is_one_width: bool) -> list[bool]:
    """Which lines of a block are clear."""
    width = len(same[0].fields)
    rows = [_Values.of(record.fields, header.positions) for record in same]
    if width > header.width:
        is_split = [header.delimiter == "," and row.may_be_one_number(header.positions) for row in rows]
        is_habit = is_one_width and not all(row.is_more_than_owed for row in rows)
        return [
            not row.is_moved
            and not any(map(str.strip, record.fields[header.width :]))
            and (is_habit or not may_be)
            for row, record, may_be in zip(rows, same, is_split, strict=True)
        ]
    # one line that proves its columns speaks for the others of its block, unless another contradicts
    is_proved = any(row.is_proved for row in rows)
    # rows that nobody filled in yet end with their target, all of them
    is_blank = len(rows) > 1 and all(row.is_cut_after_target and row.texts.get("target") for row in rows)
    is_whole = is_one_width and width >= header.named
    for_all = is_whole or ((is_proved or is_blank) and not any(row.is_moved for row in rows))
    return [not row.is_moved and row.has_keys and (row.is_proved or for_all) for row in rows]


@dataclass(frozen=True, slots=True)
class _Values:
    """What stands in the columns of ours that a line reaches, and how many fields it has."""

    texts: Mapping[str, str]
    is_cut_after_target: bool

    @classmethod
    def of(cls, fields: Sequence[str], positions: Mapping[str, int]) -> _Values:
        texts = {name: legible(fields[at]) for name, at in positions.items() if at < len(fields)}
        return cls(texts, positions.get("target") == len(fields) - 1)

    @property
    def has_keys(self) -> bool:
        return all(self.texts.get(name) for name in ("record", "region", "period"))

    @property
    def is_moved(self) -> bool:
        """A text stands where a number does, or a number where a text does."""
        numbers = [self.texts.get(name, "") for name in ("target", "realised")]
        return (
            any(text and not _is_number(text) and not says_nothing(_RUPIAH.sub("", text)) for text in numbers)
            or any(_FOLLOWING_DIGITS.fullmatch(text) for text in numbers)
            or any(_is_number(self.texts.get(name, "")) for name in ("unit", "note"))
        )

    @property
    def is_proved(self) -> bool:
        """A value where values stand, or words where the note does: nothing before them was lost."""
        note = self.texts.get("note", "")
        return bool(self.texts.get("realised") or (note and not _TIME.match(note)))

    @property
    def is_more_than_owed(self) -> bool:
        target, realised = self.texts.get("target", ""), self.texts.get("realised", "")
        return target.isdecimal() and realised.isdecimal() and int(target) < int(realised)

    def may_be_one_number(
        self, positions: Mapping[str, int], one: str = "target", other: str = "realised"
    ) -> bool:
        """Whether two numbers beside each other could be one with a comma in it: thousands, or decimals."""
        if abs(positions.get(one, -2) - positions[other]) != 1:
            return False
        left, right = sorted((one, other), key=positions.__getitem__)
        first, second = self.texts.get(left, ""), self.texts.get(right, "")
        if not (first.isdecimal() and second.isdecimal()):
            return False
        return len(second) < 3 or (len(second) == 3 and len(first) <= 3)


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None
