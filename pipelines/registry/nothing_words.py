"""Words in the place of a number that say that there is none: ``nihil``, ``belum ada``, ``–``, ``\\N``.

Source: seed ``nothing_words``. The models read them by the same key (``macros/nothing_words.sql``).

Put here: telling such a word from another text. Keep out: what status a value then has (the models).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pipelines.registry.home_rows import per_registry
from pipelines.registry.letters import legible
from pipelines.registry.seeds import SEEDS, read_seed

SIGNS = "-‐-―−_.…?~·/ "
"""What a text of no letter and no digit may consist of and still be a dash; a character class."""
DATABASE_NULL = "\\n"

_SIGNS = re.compile(f"[{SIGNS}]+")
_NO_WORD = re.compile(r"[^a-z0-9]+")


def nothing_key(text: str) -> str:
    """The text as it is compared with the seed."""
    plain = legible(text).lower()
    if _SIGNS.fullmatch(plain):
        return "-"
    return plain if plain == DATABASE_NULL else _NO_WORD.sub("", plain)


def says_nothing(text: str) -> bool:
    """Whether the text is one of the seed."""
    return nothing_key(text) in _means()


def means_zero(text: str) -> bool:
    """Whether the text is one of the seed that means 0, as ``nihil`` does."""
    return _means().get(nothing_key(text)) == "zero"


def words_for(means: str | None = None, folder: Path = SEEDS) -> list[str]:
    """The words of the seed as people write them; with ``means`` those that mean it."""
    rows = read_seed("nothing_words", folder)
    return [row.text("word") for row in rows if means in (None, row.text("means"))]


def is_blank(text: str) -> bool:
    """Whether the text only fills a cell that is empty, of whatever column."""
    return _blanks().get(nothing_key(text), False)


@per_registry
def _means(folder: Path = SEEDS) -> Mapping[str, str]:
    return {nothing_key(row.text("word")): row.text("means") for row in read_seed("nothing_words", folder)}


@per_registry
def _blanks(folder: Path = SEEDS) -> Mapping[str, bool]:
    return {
        nothing_key(row.text("word")): row.text("is_blank") == "true"
        for row in read_seed("nothing_words", folder)
    }
