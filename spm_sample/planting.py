"""What it takes to plant an error: the document as it stands, what may still be touched, what was planted.

Put here: the words that the kinds of errors share. Keep out: the kinds (``row_errors``,
``added_rows``, ``document_errors``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import numpy as np

from pipelines.registry.periods import Period
from pipelines.registry.seeds import read_seed
from spm_sample.documents import Document
from spm_sample.draws import generator
from spm_sample.notation import indonesian, number
from spm_sample.rows import Row

RowKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Planting:
    """One error in one place. ``field`` is ``target`` or ``realised``, or none for the whole row.

    ``row`` none: the document, with the place where its finding points (may be empty). ``text`` is what
    stands there. ``rule_id`` is empty where no rule looks for it.
    """

    kind: str
    rule_id: str = ""
    row: Row | None = None
    field: str | None = None
    text: str = ""
    place: str = ""


@dataclass(slots=True, eq=False)
class Draft:
    """A document that errors are planted in, and what they may know.

    ``follows``: the set holds the quarter before, of the same year; ``previous`` has the realised values
    that it really sent. ``years``: how many years before have the same quarter in the set. ``rows_at`` gives
    the region's true rows of a quarter, or those known early in it. ``touched``: ids of rows that are spoken
    for. ``is_closed``: no row errors, nothing of it is accepted.
    """

    document: Document
    seed: int
    previous: dict[RowKey, Decimal]
    follows: bool
    years: int
    rows_at: Callable[[Period, bool], list[Row]]
    touched: set[int] = field(default_factory=set)
    is_closed: bool = False
    rng: np.random.Generator = field(init=False)
    more: list[Document] = field(default_factory=list)

    def begin(self, kind: str) -> None:
        """Draw for ``kind`` from now on: what one kind draws does not move another."""
        code, period = self.document.region.current_region_code, str(self.document.period)
        self.rng = generator(self.seed, code, period, kind)

    def free_rows(self, *records: str) -> Iterator[Row]:
        """The rows of these records that no error has touched."""
        return (row for row in self.document.rows if row["record"] in records and id(row) not in self.touched)

    def choose(
        self,
        fits: Callable[[Row, Decimal, Decimal], bool] = lambda row, target, realised: True,
        record: str = "achievement",
    ) -> Row | None:
        """One untouched row whose numbers fit; from now on it is touched."""
        found = []
        for row in self.free_rows(record):
            target, realised = self.value(row, "target"), self.value(row, "realised")
            if target is not None and realised is not None and fits(row, target, realised):
                found.append(row)
        if not found:
            return None
        row = found[int(self.rng.integers(len(found)))]
        self.touched.add(id(row))
        return row

    def value(self, row: Row, column: str) -> Decimal | None:
        """A value as the document's notation has it."""
        return number(row[column], self.document.is_indonesian)

    def text(self, value: Decimal | int | str) -> str:
        """A number as text in the document's notation."""
        return indonesian(str(value)) if self.document.is_indonesian else str(value)

    def insert(self, new: Row, after: Row | None = None) -> Row:
        """Put in a row, touched, behind another or at the end."""
        rows = self.document.rows
        at = next((index for index, row in enumerate(rows) if row is after), len(rows) - 1)
        rows.insert(at + 1, new)
        self.touched.add(id(new))
        return new

    def touch_sector(self, *sectors: str) -> None:
        """Leave all rows of some sectors alone from now on."""
        self.touched |= {id(row) for row in self.document.rows if row["sector"] in sectors}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of error: ``plant`` puts it into a draft and says where, or nothing where it cannot be.

    ``rule_id`` is the rule that finds it. ``lasts``: a region that does it does it all year. ``is_rare``: it
    is planted where it is named, not as one of all kinds.
    """

    name: str
    level: Literal["document", "row"]
    rule_id: str
    description: str
    plant: Callable[[Draft], list[Planting]]
    formats: tuple[str, ...] = ("workbook", "csv")
    lasts: bool = False
    is_rare: bool = False


def key_of(row: Row) -> RowKey:
    """What an achievement row is about."""
    return row["service"], row["component"], row["item"]


@lru_cache
def fatal_rules() -> frozenset[str]:
    """Rules whose finding quarantines a row or rejects a document."""
    return frozenset(row.text("rule_id") for row in read_seed("rules") if row.text("severity") == "fatal")
