"""Texts with words in braces, ``TW {quarter} {year}``: what a layout looks for, and what it writes.

``*`` is any text, ``{year}``, ``{quarter}``, ``{month}`` and ``{number}`` are what they say, any other
``{word}`` is a text; the whole text must fit, whatever its case and blanks.

Put here: the pattern as a regular expression that Python and DuckDB read alike. Keep out: where it is looked
for (``layout``, ``readers.layouts``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pipelines.messages import say
from pipelines.registry.written_periods import numbered_words

NUMBER = "number"
_TEXT, _YEAR, _DIGITS = ".+?", "(?:19|20)[0-9][0-9]", "[0-9]+"
_WORD = re.compile(r"\{([^{}]*)\}")
_FLAGS = re.IGNORECASE | re.DOTALL
_FEW_WAYS = 100_000
"""So many ways to read a text are tried one after the other, which is quickest where there are few."""
_LONGEST = 32_767
"""Letters of a cell of Excel: no label is longer."""
_NAME = re.compile(r"\w[\w .-]*")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern: its regular expression (lower case, one blank between words), and the word of each group."""

    text: str
    expression: str
    names: tuple[str, ...]

    def match(self, text: str) -> dict[str, str] | None:
        """What each word stands for in ``text``; none where the text does not fit."""
        groups = _groups(self, _even(text))
        if groups is None:
            return None
        pairs = zip(self.names, groups, strict=True)
        return {name: number_of(name, part) for name, part in pairs if name != NUMBER}


@lru_cache(maxsize=1024)
def pattern(text: str) -> Pattern:
    """Read a pattern.

    Raises:
        ValueError: a brace is not closed, or a word is empty or there twice.
    """
    names = words_of(text)
    if twice := [name for name in names if name != NUMBER and names.count(name) > 1]:
        raise ValueError(say("layout.word_twice", at=repr(text), word=f"{{{twice[0]}}}"))
    even = _even(text)
    pieces = _WORD.split(even)
    expression = "".join(
        f"({_kind(piece.strip())})" if at % 2 else _literal(piece) for at, piece in enumerate(pieces)
    )
    return Pattern(text, expression, tuple(names))


def words_of(text: str) -> list[str]:
    """The words in braces of a text, in order.

    Raises:
        ValueError: a brace is not closed, or a word is empty.
    """
    names = [name.strip() for name in _WORD.findall(text)]
    if any(sign in _WORD.sub("", text) for sign in "{}") or not all(map(_NAME.fullmatch, names)):
        raise ValueError(say("layout.braces", at=repr(text)))
    return names


def filled(text: str, values: dict[str, str]) -> str:
    """A text with its words in braces filled in."""
    return _WORD.sub(lambda found: values[found[1].strip()], text)


def split(text: str) -> list[str]:
    """A text in parts: every second one, from the second on, is a word in braces."""
    return [part.strip() if at % 2 else part for at, part in enumerate(_WORD.split(text))]


def number_of(name: str, text: str) -> str:
    """A quarter or a month as its number; any other text as it is."""
    known = numbers_of(name)
    return str(known[text.casefold().strip()]) if known else text.strip()


@lru_cache
def numbers_of(name: str) -> dict[str, int]:
    """Each way to write a quarter or a month, in small letters, and its number; none of another word."""
    if name == "month":
        digits = {text: number for number in range(1, 13) for text in (str(number), f"{number:02}")}
        return numbered_words("month") | digits
    if name == "quarter":
        digits = {str(number): number for number in range(1, 5)}
        return numbered_words("roman") | numbered_words("number") | digits
    return {}


def _groups(wanted: Pattern, text: str) -> Sequence[str] | None:
    """What each group of a pattern is in a text that fits it whole, in time that grows as the text does."""
    if len(text) > _LONGEST:
        return None
    loops = wanted.expression.count(".*") + wanted.expression.count("+")
    if len(text) ** loops <= _FEW_WAYS:
        found = re.fullmatch(wanted.expression, text, _FLAGS)
        return None if found is None else found.groups()
    return _linear_match(_steps(wanted.text), text)


@dataclass(frozen=True, slots=True)
class _Step:
    """A part of a pattern: texts of which one is next, or (``is_loop``) one as often as it fits.

    ``is_eager``: it takes as much as it can. ``group`` is the group that it is in.
    """

    ways: tuple[re.Pattern[str], ...]
    is_loop: bool = False
    is_eager: bool = True
    group: int | None = None


_Way = tuple[int, int, Any]
"""A step, a place in the text, and the way that led there."""


@lru_cache(maxsize=1024)
def _steps(text: str) -> tuple[_Step, ...]:
    """A pattern as steps, which mean what its regular expression means."""
    steps: list[_Step] = []
    for at, piece in enumerate(_WORD.split(_even(text))):
        if at % 2:
            steps += _steps_of_word(piece.strip(), at // 2)
            continue
        for number, part in enumerate(piece.split("*")):
            if number:
                steps.append(_Step((_compiled("."),), is_loop=True))
            if part:
                steps.append(_Step((_compiled(re.escape(part)),)))
    return tuple(steps)


def _steps_of_word(name: str, group: int) -> list[_Step]:
    if known := numbers_of(name):
        words = sorted(known, key=lambda word: (-len(word), word))
        return [_Step(tuple(map(_compiled, words)), group=group)]
    if name == "year":
        return [_Step((_compiled(_YEAR),), group=group)]
    one = (_compiled("[0-9]" if name == NUMBER else "."),)
    is_eager = name == NUMBER
    return [
        _Step(one, group=group),
        _Step(one, is_loop=True, is_eager=is_eager, group=group),
    ]


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, _FLAGS)


def _linear_match(steps: Sequence[_Step], text: str) -> list[str] | None:
    """The groups of the first way that fits, in the order in which a regular expression tries them.

    What failed at a place is not tried there again, so there are at most as many tries as steps times
    letters. This is how RE2 matches, too.
    """
    size = len(text) + 1
    seen = bytearray((len(steps) + 1) * size)
    tries: list[_Way] = [(0, 0, None)]
    while tries:
        way = tries.pop()
        step, place, _ = way
        if seen[step * size + place]:
            continue
        seen[step * size + place] = 1
        if step == len(steps):
            if place == len(text):
                return _groups_on(way, steps, text)
            continue
        wanted = steps[step]
        ends = [found.end() for one in wanted.ways if (found := one.match(text, place)) is not None]
        following: list[_Way] = [(step if wanted.is_loop else step + 1, end, way) for end in ends]
        if wanted.is_loop:
            out: _Way = (step + 1, place, way)
            following = [*following, out] if wanted.is_eager else [out, *following]
        tries += reversed(following)
    return None


def _groups_on(way: _Way | None, steps: Sequence[_Step], text: str) -> list[str]:
    """The text of each group on a way, which is walked from its end."""
    places: list[tuple[int, int]] = []
    while way is not None:
        step, place, way = way
        places.append((step, place))
    ends: dict[int, tuple[int, int]] = {}
    for (step, place), (_, after) in zip(places[:0:-1], places[-2::-1], strict=True):
        if (group := steps[step].group) is not None:
            ends[group] = (ends.get(group, (place, 0))[0], after)
    return [text[slice(*ends[group])] for group in sorted(ends)]


def _kind(name: str) -> str:
    """The regular expression of what a word stands for."""
    if known := numbers_of(name):
        return "|".join(sorted(known, key=lambda word: (-len(word), word)))
    return {"year": _YEAR, NUMBER: _DIGITS}.get(name, _TEXT)


def _literal(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.split("*"))


def _even(text: str) -> str:
    return " ".join(text.split())
