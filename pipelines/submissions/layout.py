"""``layout:`` of a source: how a table that is not in our shape becomes rows of it (docs/runbooks/layout.md).

Put here: its keys, and what each may hold. Keep out: reading by it (``readers.layouts``), what a word in
braces means (``patterns``), which label is which column of ours (``columns`` of ``reading_spec``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.messages import say
from pipelines.submissions.patterns import pattern, words_of
from pipelines.submissions.rows import COLUMNS, REGION_NAME

CELL = re.compile(r"cell ([A-Z]{1,3})([1-9][0-9]{0,6})")
"""A cell that a piece is taken from: ``cell A3``; of a CSV the letter of the field and the line."""

OF_THE_TABLE = frozenset({"sheet", "title", "file"})
"""What a piece may be taken from beside cells and columns: the sheet's name, the text above the header, the
document's name."""

MOST_LEVELS = 9
_ROWS = re.compile(r"([1-9][0-9]{0,5})(?:\.\.([1-9][0-9]{0,5}))?")
_TOTAL_PARTS = 2

Condition = dict[str, tuple[str, ...]]
"""A column (``*``: any) to the patterns that its cell may fit; all columns of one condition must."""


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


def _conditions(value: Any) -> Any:
    found = _listed(value)
    if isinstance(found, list | tuple):
        return [
            {column: _listed(texts) for column, texts in one.items()} if isinstance(one, dict) else one
            for one in found
        ]
    return found


def _checked(patterns: Iterable[str]) -> None:
    for text in patterns:
        pattern(text)


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Header(_Keys):
    """Where the labels stand: ``rows`` (``5..7``), or ``levels`` rows from each row that has ``labels``.

    A table ends where the labels of the next one begin.
    """

    rows: str = ""
    labels: tuple[str, ...] = ()
    levels: int = Field(default=1, ge=1, le=MOST_LEVELS)

    @field_validator("labels", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return _listed(value)

    @field_validator("labels")
    @classmethod
    def _patterns(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        _checked(labels)
        return labels

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.rows) == bool(self.labels):
            raise ValueError(say("layout.header_one_way"))
        if self.rows:
            found = _ROWS.fullmatch(self.rows)
            first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
            if not first <= last < first + MOST_LEVELS:
                raise ValueError(say("layout.header_rows", at=repr(self.rows)))
        return self

    @property
    def span(self) -> tuple[int, int]:
        """First and last row of ``rows``, from 1."""
        first, _, last = self.rows.partition("..")
        return int(first), int(last or first)


class Heading(_Keys):
    """Rows that only say what the rows below are about: those that fit ``where``.

    What stands in their ``column`` is a column ``name`` of the rows below, up to the next such heading.
    """

    name: str = Field(min_length=1)
    column: str
    where: tuple[Condition, ...]

    @field_validator("where", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return _conditions(value)


class Unpivot(_Keys):
    """Columns that become rows: name of the value to the pattern of its labels (``TW {quarter}``).

    Labels that differ in nothing but a word in braces become a row each, and the word a column of that row.
    ``amounts`` says of months and quarters whether each holds its own (``increments``) or all of the year
    so far (``running``); a row is a quarter, with what was counted to its end.
    """

    values: dict[str, str] = Field(min_length=1)
    amounts: Literal["increments", "running"] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        words = {name: {*words_of(text)} - {"number"} for name, text in self.values.items()}
        _checked(self.values.values())
        (name, first), *others = words.items()
        if not first:
            raise ValueError(say("layout.no_word", at=f"values.{name}"))
        for other, found in others:
            if found != first:
                raise ValueError(say("layout.other_words", at=f"values.{other}", other=name))
        if {"month", "quarter"} <= first:
            raise ValueError(say("layout.month_or_quarter", at=f"values.{name}"))
        if {"month", "quarter"} & first and self.amounts is None:
            raise ValueError(say("layout.amounts_needed"))
        if self.amounts and not {"month", "quarter"} & first:
            raise ValueError(say("layout.amounts_unused"))
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """The words in braces, sorted."""
        (text, *_) = self.values.values()
        return tuple(sorted({*words_of(text)} - {"number"}))


class Check(_Keys):
    """What a figure of a row must agree with: a ``sum`` of columns, weighted where it says so (several ways:
    one of them), or the ``percent`` that the first of two columns is of the second."""

    sum: tuple[dict[str, Decimal], ...] = ()
    percent: tuple[str, ...] = ()

    @field_validator("sum", mode="before")
    @classmethod
    def _ways(cls, value: Any) -> Any:
        if isinstance(value, str | dict):
            value = [value]
        if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            value = [dict.fromkeys(value, Decimal(1))]
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.sum) == bool(self.percent) or (self.percent and len(self.percent) != _TOTAL_PARTS):
            raise ValueError(say("layout.check_one_way"))
        return self


class Layout(_Keys):
    """The words of a layout; the order in which they are applied is that of the page of docs."""

    sheet: tuple[str, ...] = ()
    header: Header | None = None
    ends: tuple[Condition, ...] = ()
    leave_out: tuple[Condition, ...] = ()
    keep: tuple[Condition, ...] = ()
    totals: tuple[Condition, ...] = ()
    headings: tuple[Heading, ...] = ()
    fill_down: tuple[str, ...] = ()
    pieces: dict[str, tuple[str, ...]] = {}
    unpivot: Unpivot | None = None
    sums: dict[str, tuple[str, ...]] = {}
    scale: dict[str, Decimal] = {}
    constants: dict[str, str] = {}
    checks: dict[str, Check] = {}
    decimal: Literal[",", "."] | None = None
    missing: tuple[str, ...] = ()
    blanks: Literal["missing", "zero"] = "missing"

    @field_validator("sheet", "fill_down", "missing", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return _listed(value)

    @field_validator("header", mode="before")
    @classmethod
    def _rows(cls, value: Any) -> Any:
        return {"rows": value} if isinstance(value, str) else value

    @field_validator("ends", "leave_out", "keep", "totals", mode="before")
    @classmethod
    def _one_or_more_conditions(cls, value: Any) -> Any:
        return _conditions(value)

    @field_validator("pieces", "sums", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        return {name: _listed(texts) for name, texts in value.items()} if isinstance(value, dict) else value

    @field_validator("ends", "leave_out", "keep", "totals")
    @classmethod
    def _patterns(cls, conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
        for condition in conditions:
            for texts in condition.values():
                _checked(texts)
        return conditions

    @field_validator("pieces")
    @classmethod
    def _pieces(cls, pieces: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for where, texts in pieces.items():
            _checked(texts)
            if not all(map(words_of, texts)):
                raise ValueError(say("layout.no_word", at=where))
        return pieces

    @field_validator("scale")
    @classmethod
    def _factors(cls, scale: dict[str, Decimal]) -> dict[str, Decimal]:
        for name, factor in scale.items():
            if not factor.is_finite() or factor <= 0:
                raise ValueError(say("layout.factor", at=name))
        return scale

    @field_validator("constants")
    @classmethod
    def _our_columns(cls, constants: dict[str, str]) -> dict[str, str]:
        for name, text in constants.items():
            if name not in {*COLUMNS, REGION_NAME}:
                known = ", ".join([*COLUMNS, REGION_NAME])
                raise ValueError(say("source.unknown_column", column=repr(name), known=known))
            words_of(text)
        return constants

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        made = [
            *(heading.name for heading in self.headings),
            *self.sums,
            *(self.unpivot.values if self.unpivot else ()),
        ]
        made += self.unpivot.words if self.unpivot else ()
        made += {word for texts in self.pieces.values() for text in texts for word in words_of(text)} - {
            "number"
        }
        if twice := [name for name in made if made.count(name) > 1]:
            raise ValueError(say("layout.name_twice", name=repr(twice[0])))
        return self

    def check_for(self, kind: str, columns: dict[str, str]) -> None:
        """Whether it can serve a source of ``kind`` with these ``columns``.

        Raises:
            ValueError: a word is of another kind of document, or nothing gives a column that every row needs.
        """
        is_table = kind in ("csv", "workbook")
        of_other = ["sheet"] * bool(self.sheet and kind != "workbook") + [
            word for word in ("header", "ends") if getattr(self, word) and not is_table
        ]
        if of_other:
            raise ValueError(say("layout.other_kind", at=f"layout.{of_other[0]}", kind=kind))
        given = [*columns.values(), *self.constants]
        if twice := [name for name in given if given.count(name) > 1]:
            raise ValueError(say("layout.column_twice", at="layout", column=repr(twice[0])))
        missing = [name for name in ("record", "region", "period") if name not in given]
        if not {"realised", "target"} & {*given}:
            missing.append("realised")
        # a field of an API may have our name, or be filled in while it is fetched
        if missing and is_table:
            raise ValueError(say("layout.column_missing", at="layout", column=repr(missing[0])))
