"""Columns that become rows: which columns of a table make which row.

Put here: labels to rows, months to quarters. Keep out: the query (``reshape``), the words (``submissions``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipelines.messages import say
from pipelines.readers.layouts.tables import Table, Unfit
from pipelines.submissions.layout import Unpivot
from pipelines.submissions.patterns import pattern

Key = tuple[str, ...]
"""What the words of ``Unpivot.words`` stand for in a label."""

_MONTHS_OF_A_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A row that a line becomes: its words (a month as its quarter), and the columns of each of its values.

    The last ``own`` of the columns are of its own quarter, the others of those before in the year.
    """

    words: Key
    columns: tuple[tuple[int, ...], ...]
    own: int = 1


def parts_of(table: Table, unpivot: Unpivot) -> list[Part]:
    """The rows that each line of a table becomes.

    Raises:
        Unfit: DOC-002, a column is not there, or there twice, or a sum up to a quarter has a gap.
    """
    found = [_labelled(table, text, unpivot) for text in unpivot.values.values()]
    for (name, text), columns in zip(unpivot.values.items(), found, strict=True):
        if missing := {*found[0]} ^ {*columns}:
            why = say("layout.unequal_columns", at=repr(text), words=", ".join(min(missing)), other=name)
            raise Unfit(table.place, why, "DOC-002")
    keys = list(found[0])
    at = next((at for at, word in enumerate(unpivot.words) if word in ("month", "quarter")), None)
    if at is None:
        return [Part(key, tuple((columns[key],) for columns in found)) for key in keys]
    parts = [
        Part(words, tuple(tuple(columns[key] for key in wanted) for columns in found), own)
        for words, wanted, own in _quarters(table, unpivot, keys, at)
    ]
    if not parts:
        raise _gap(table, unpivot.words[at], "3")
    return parts


def _labelled(table: Table, text: str, unpivot: Unpivot) -> dict[Key, int]:
    """The column of each label that fits a pattern."""
    found: dict[Key, int] = {}
    for column in table.used:
        if (words := pattern(text).match(table.labels[column])) is None:
            continue
        key = tuple(words[word] for word in unpivot.words)
        if key in found:
            labels = ", ".join(table.labels[one] for one in (found[key], column))
            raise Unfit(table.place, say("layout.several_columns", at=repr(text), labels=labels), "DOC-002")
        found[key] = column
    if not found:
        table.column(text)
    return found


def _quarters(
    table: Table, unpivot: Unpivot, keys: Sequence[Key], at: int
) -> Iterator[tuple[Key, list[Key], int]]:
    """Each quarter: its words, the columns that it is read from, how many of them are its own."""
    step = _MONTHS_OF_A_QUARTER if unpivot.words[at] == "month" else 1

    def others(key: Key) -> Key:
        return key[:at] + key[at + 1 :]

    for _, of_year in groupby(sorted(keys, key=lambda key: (others(key), int(key[at]))), key=others):
        by_number = {int(key[at]): key for key in of_year}
        for quarter in range(1, max(by_number) // step + 1):
            last = quarter * step
            needed = [last] if unpivot.amounts == "running" else range(1, last + 1)
            lacking = [number for number in needed if number not in by_number]
            if lacking and unpivot.amounts == "increments":
                raise _gap(table, unpivot.words[at], str(lacking[0]))
            if not lacking:
                key = by_number[last]
                yield (
                    (*key[:at], str(quarter), *key[at + 1 :]),
                    [by_number[number] for number in needed],
                    step,
                )


def _gap(table: Table, word: str, number: str) -> Unfit:
    return Unfit(table.place, say("layout.gap", word=f"{{{word}}} = {number}"), "DOC-002")
