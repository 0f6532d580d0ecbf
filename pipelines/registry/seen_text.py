"""A text as a reader sees it: digits of any script and look-alike signs are one, unseen letters are none.

Put here: reading a text so. Keep out: what is looked for in it (``personal_data``); what copying leaves in
names and numbers (``letters``).
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
_UNSEEN = {"Cf", "Mn", "Me", "Cc"}
_DASHES = "\u2212\u30fc\u2500\u2501\u00ac"
_DOTS = "\u00b7\u2022\u2219\u2027\u30fb\u3002\u2024\u22c5\u25cf\u06d4"
_SLASHES = "\u2044\u2215\u29f8"
_WORDS_OF_DIGITS = {
    word: str(digit)
    for digit, words in enumerate(
        (
            ("nol", "kosong", "zero"),
            ("satu", "one"),
            ("dua", "two"),
            ("tiga", "three"),
            ("empat", "four"),
            ("lima", "five"),
            ("enam", "six"),
            ("tujuh", "seven"),
            ("delapan", "eight"),
            ("sembilan", "nine"),
        )
    )
    for word in words
}
_A_WORD_OF_A_DIGIT = rf"\b(?:{'|'.join(_WORDS_OF_DIGITS)})\b"
_SPOKEN = re.compile(rf"{_A_WORD_OF_A_DIGIT}(?:[\s,.-]{{1,3}}{_A_WORD_OF_A_DIGIT}){{7,}}", re.IGNORECASE)
_ESCAPED = re.compile(r"%(?:40|2[eE])|&(?:#|commat|period)")
_O = "OoОоΟο"
_ZEROS = re.compile(
    rf"(?<=[0-9])(?:[\s.-]?[{_O}])+(?=[\s.-]?[0-9])|(?<![^\W_])[{_O}]{{1,3}}(?=[0-9]|[\s.-]8[0-9])"
)
_ONES = re.compile(r"(?<=[0-9])[lI|](?=[\s.-]?[0-9])")
_TO_ZERO = str.maketrans(dict.fromkeys(_O, "0"))


@lru_cache(maxsize=8192)
def _seen(letter: str) -> str:
    """One letter as a reader sees it, in ASCII where it is a digit or a sign; nothing where nobody does."""
    if letter in "\t\n\r\v\f":
        return " "
    found = []
    for one in unicodedata.normalize("NFKC", letter):
        category = unicodedata.category(one)
        digit = unicodedata.digit(one, None)
        if digit is not None:
            found.append(str(digit))
        elif category == "Pd" or one in _DASHES:
            found.append("-")
        elif category[0] == "Z":
            found.append(" ")
        elif one in _DOTS:
            found.append(".")
        elif one in _SLASHES:
            found.append("/")
        elif category not in _UNSEEN and one not in _FILLERS:
            found.append(one)
    return "".join(found)


def as_seen(text: str) -> str:
    """A text as a reader sees it."""
    if not text.isascii():
        text = "".join(map(_seen, unicodedata.normalize("NFKC", text)))
    elif not text.isprintable():
        text = "".join(map(_seen, text))
    if _ESCAPED.search(text):
        text = html.unescape(text.replace("%40", "@").replace("%2E", ".").replace("%2e", "."))
    text = _SPOKEN.sub(_spoken_digits, text)
    return _ONES.sub("1", _ZEROS.sub(lambda found: found[0].translate(_TO_ZERO), text))


def _spoken_digits(said: re.Match[str]) -> str:
    return "".join(_WORDS_OF_DIGITS[word.lower()] for word in re.findall(r"[A-Za-z]+", said[0]))
