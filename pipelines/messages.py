"""What people are told: one catalogue by id and language, Indonesian first.

The texts stand in ``messages.csv`` (columns ``id``, ``indonesian``, ``english``); ``{name}`` in a text is a
value that the caller gives. Sentences of rules and of the gate's checks are data
of the registry, not of this file.

Put here: looking a message up and filling it in. Keep out: deciding which message applies.
"""

from __future__ import annotations

import csv
import json
import traceback
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

CATALOGUE = Path(__file__).with_suffix(".csv")
BETWEEN = " / "
"""Stands between the languages of a text in both."""

_TRACEBACK = "Traceback (most recent call last):"
_FEW = 5
_LONGEST_VALUE = 2000
"""Letters of one value that a message shows; what senders, servers and databases say may be of any length."""


Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")


class _Screen:
    """The one language that a terminal shows, if one was chosen, and what was said in both since then."""

    language: Language | None = None
    said: ClassVar[dict[str, Message]] = {}


class Message(NamedTuple):
    """One message in both languages; in the catalogue its values are not yet filled in."""

    indonesian: str
    english: str

    def __str__(self) -> str:
        if self.indonesian == self.english:
            return self.indonesian
        both = f"{self.indonesian}{BETWEEN}{self.english}"
        if _Screen.language is not None:
            _Screen.said[both] = self
        return both

    @classmethod
    def of(cls, text: str) -> Message:
        """The message of a text in both languages, as ``str`` of a message gives it."""
        indonesian, _, english = text.partition(BETWEEN)
        return cls(indonesian, english or indonesian)


def show_in(language: Language | None) -> None:
    """Choose the language of what a terminal shows; none is both.

    What is written, to files, to the ledger, to Dagster, stays in both.
    """
    _Screen.language = language
    _Screen.said.clear()


def is_shown(language: Language) -> bool:
    """Whether a terminal shows texts of a language, where both are at hand."""
    return _Screen.language in {None, language}


def in_language(text: str) -> str:
    """The text with each message in it that was said in both languages in the chosen one."""
    if _Screen.language is None or BETWEEN not in text:
        return text
    # what holds another message was said after it
    for both, one in reversed(_Screen.said.items()):
        text = text.replace(both, one.indonesian if _Screen.language == "id" else one.english)
    return text


@cache
def catalogue() -> dict[str, Message]:
    """Every message by its id."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return {row["id"]: Message(row["indonesian"], row["english"]) for row in csv.DictReader(file)}


def message(message_id: str, /, **values: object) -> Message:
    """The message with its values filled in.

    A value may be a ``Message`` itself (``cause`` of an exception that was raised with one): each language
    then takes its own. A number is ``written`` as the language writes it: what counts nothing (a year, a
    process, a port) is given as text. Every value is shown as ``shown`` has it, whoever it is from.

    Raises:
        KeyError: the catalogue lacks the id, or the text names a value that is not given.
    """
    indonesian, english = catalogue()[message_id]
    in_indonesian: dict[str, str] = {}
    in_english: dict[str, str] = {}
    for name, value in values.items():
        either = value if isinstance(value, Message) else written(value)
        in_indonesian[name], in_english[name] = map(shown, either)
    return Message(indonesian.format_map(in_indonesian), english.format_map(in_english))


def written(value: object) -> Message:
    """A number as each language writes it, ``1.234,5`` and ``1,234.5``; anything else as its text."""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if not is_number or not Decimal(str(value)).is_finite():
        return Message(str(value), str(value))
    english = f"{Decimal(str(value)):,f}"
    return Message(in_indonesian(english), english)


def in_indonesian(number: str) -> str:
    """A number as English writes it, the way Indonesian does."""
    return number.replace(",", "\x00").replace(".", ",").replace("\x00", ".")


def cause(error: BaseException) -> Message:
    """What an exception says, on one line: the message that it was raised with, or its text."""
    if error.args and isinstance(error.args[0], Message):
        return error.args[0]
    text = shown(" ".join(str(error).split())) or type(error).__name__
    return Message(text, text)


def say(message_id: str, /, *, at: object = None, **values: object) -> str:
    """The message in both languages: ``place: Indonesian / English``.

    ``at`` is the place that the message is about (a file, an option, a region); without it none is named.
    Values as in ``message``.
    """
    text = str(message(message_id, **values))
    return text if at is None else f"{shown(str(at))}: {text}"


def most_like(word: str, known: Iterable[str]) -> str:
    """The known words that are most like one that is not; all where they are few, or none is like it."""
    words = list(known)
    close = get_close_matches(word, words, _FEW) if len(words) > _FEW else []
    return ", ".join(close or words) or "-"


def shown(text: str) -> str:
    """The text on one line, ``printable``, and no longer than anybody reads."""
    cut = text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
    return printable(cut)


def printable(text: str) -> str:
    """The text with nothing that a terminal, a log or a file format takes for more than a letter.

    A blank of any width is a plain one. What cannot be shown (control and invisible letters, line ends,
    halves of characters, bytes of a file name that are no UTF-8) is shown as its bytes, ``%1B``.
    """
    return text if text.isprintable() else "".join(map(_printable, text))


def printable_lines(text: str) -> str:
    """Lines of ours, each ``printable``."""
    return "\n".join(map(printable, text.split("\n")))


def printable_json(text: str) -> str:
    """A JSON text that says the same, in which what is not ``printable`` is written ``\\u001b``.

    JSON itself escapes control characters below U+0020 alone.
    """
    if text.replace("\n", "").isprintable():
        return text
    # such a letter stands in a string: between strings JSON has blanks and line ends only
    return "".join(
        letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1] for letter in text
    )


def traceback_text(error: BaseException) -> str:
    """The traceback of an error for a log.

    What the error says may have lines of its own: a mark stands before them, so that none looks like ours.
    """
    lines = map(printable, "".join(traceback.format_exception(error)).rstrip().split("\n"))
    return "\n".join(line if line.startswith(("  ", _TRACEBACK)) else f"| {line}" for line in lines)


def _printable(letter: str) -> str:
    if letter.isprintable():
        return letter
    if unicodedata.category(letter) == "Zs":
        return " "
    # Python reads a byte of a name that is no UTF-8 as one of these
    is_byte = "\udc80" <= letter <= "\udcff"
    as_bytes = letter.encode("utf-8", "surrogateescape" if is_byte else "surrogatepass")
    return "".join(f"%{byte:02X}" for byte in as_bytes)
