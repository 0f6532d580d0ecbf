"""Texts with words in braces, ``TW {quarter} {year}``: what a layout looks for, and what it writes.

``*`` is any text, ``{year}``, ``{quarter}``, ``{month}`` and ``{number}`` are what they say, any other
``{word}`` is a text; the whole text must fit, whatever its case and blanks.

Put here: the pattern as a regular expression that Python and DuckDB read alike. Keep out: where it is looked
for (``layout``, ``readers.layouts``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipelines.messages import say
from pipelines.registry.written_periods import numbered_words

NUMBER = "number"
_TEXT, _YEAR, _DIGITS = ".+?", "(?:19|20)[0-9][0-9]", "[0-9]+"
_WORD = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"\w[\w .-]*")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern: its regular expression (lower case, one blank between words), and the word of each group."""

    text: str
    expression: str
    names: tuple[str, ...]

    def match(self, text: str) -> dict[str, str] | None:
        """What each word stands for in ``text``; none where the text does not fit."""
        found = re.fullmatch(self.expression, _even(text), re.IGNORECASE | re.DOTALL)
        if found is None:
            return None
        pairs = zip(self.names, found.groups(), strict=True)
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


def _kind(name: str) -> str:
    """The regular expression of what a word stands for."""
    if known := numbers_of(name):
        return "|".join(sorted(known, key=lambda word: (-len(word), word)))
    return {"year": _YEAR, NUMBER: _DIGITS}.get(name, _TEXT)


def _literal(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.split("*"))


def _even(text: str) -> str:
    return " ".join(text.split())
