"""Quarters as people write them: ``TW IV 2024``, ``Triwulan ke-4 Tahun 2024``, ``2024Q4``, ``IV/2024``.

Source: seed ``period_words``. A text is a quarter where each of its words is known and together they name
one year and one quarter. ``4/2024`` is none (it may be April), nor is ``TW I-IV 2024``. Rows are landed with
the quarter that was read: with a changed seed, bump ``readers.reading.READER_VERSION``.

Put here: from a text to a quarter. Keep out: the value object and its own notation (``periods``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pipelines.registry.home_rows import per_registry
from pipelines.registry.letters import legible
from pipelines.registry.periods import Period, PeriodFormatError, parse_range
from pipelines.registry.seeds import SEEDS, read_seed

_PIECE = re.compile(r"[a-z]+|[0-9]+")
_SIGNS = re.compile(r"[\s,.:;/_()'\u2018\u2019\u2010-\u2014-]*")
# T.W., T.A., s.d. and s/d are one word each, and so is tri wulan
_ABBREVIATION = re.compile(r"\b([a-z])(?:[.]|/(?=d\b))(?=[a-z]\b)")
_TWO_WORDS = re.compile(r"\btri[ -]+wulan\b")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_YEAR_OF_CENTURY = re.compile(r"[1-9][0-9]")
_CENTURY = 2000
_LONGEST = 200
"""Letters; what is longer is no quarter, and costs nothing."""
_FIRST_TO_LAST_MONTH = 2


@lru_cache(maxsize=4096)
def written_period(text: str) -> Period | None:
    """The one quarter that a text names; none where it names none, or could mean another."""
    if len(text) > _LONGEST:
        return None
    plain = " ".join(legible(text).split()).casefold()
    plain = _TWO_WORDS.sub("triwulan", _ABBREVIATION.sub(r"\1", plain))
    if not _SIGNS.fullmatch(_PIECE.sub("", plain)):
        return None
    said: dict[str, list[int]] = defaultdict(list)
    for piece in _PIECE.findall(plain):
        for kind, number in _meant(piece):
            said[kind].append(number)
    if said["unknown"] or (said["number"] and not said["quarter"]):
        return None
    quarters = {*said["roman"], *said["number"]}
    if months := said["month"]:
        first, last = months[0], months[-1]
        if len(months) != 2 or last - first != _FIRST_TO_LAST_MONTH or last % 3:
            return None
        quarters.add(last // 3)
    years = set(said["year"])
    if len(years) != 1 or len(quarters) != 1 or not quarters <= {1, 2, 3, 4}:
        return None
    return Period(years.pop(), quarters.pop())


def written_range(text: str) -> tuple[Period, ...]:
    """The quarters of ``FIRST..LAST``, or of a lone quarter, each end as people write it; a year is its four.

    Raises:
        PeriodFormatError: an end of the range is not a quarter.
        PeriodRangeError: the range runs backwards.
    """
    ends = text.split("..")
    if len(ends) > 2 or "..." in text:
        raise PeriodFormatError(f"not a quarter: {text!r} (expected e.g. '2025-Q3')")
    first, last = f"{ends[0].strip()}-Q1", f"{ends[-1].strip()}-Q4"
    if _YEAR.fullmatch(ends[0].strip()):
        ends = [first, *(ends[1:] or [last])]
    if _YEAR.fullmatch(ends[-1].strip()):
        ends[-1] = last
    return parse_range("..".join(str(written_period(end) or end) for end in ends))


def numbered_words(kind: str) -> dict[str, int]:
    """The words of the seed of a kind (``month``, ``roman``, ``number``), each with its number."""
    return {word: number for word, (of_kind, number) in _words().items() if of_kind == kind}


def _meant(piece: str) -> list[tuple[str, int]]:
    """Kind and number of a piece; of two where a word for quarter and its number are one (``twiv``)."""
    if piece.isdigit():
        if _YEAR.fullmatch(piece):
            return [("year", int(piece))]
        if _YEAR_OF_CENTURY.fullmatch(piece):
            return [("year", _CENTURY + int(piece))]
        return [("number", int(piece))]
    words = _words()
    if piece in words:
        return [words[piece]]
    for length in range(len(piece) - 1, 0, -1):
        first, second = words.get(piece[:length]), words.get(piece[length:])
        if first and second and first[0] == "quarter" and second[0] in ("roman", "number"):
            return [first, second]
    return [("unknown", 0)]


@per_registry
def _words(folder: Path = SEEDS) -> Mapping[str, tuple[str, int]]:
    return {
        row.text("word"): (row.text("kind"), row.parsed_or_none("number", int) or 0)
        for row in read_seed("period_words", folder)
    }
