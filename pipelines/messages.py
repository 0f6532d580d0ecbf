"""What people are told: one catalogue by id and language, Indonesian first.

The texts stand in ``messages.csv`` (columns ``id``, ``indonesian``, ``english``); ``{name}`` in a text is a
value that the caller gives. Sentences of rules and of the gate's checks are data
of the registry, not of this file.

Put here: looking a message up and filling it in. Keep out: deciding which message applies.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

CATALOGUE = Path(__file__).with_suffix(".csv")


class Message(NamedTuple):
    """One message in both languages, values not yet filled in."""

    indonesian: str
    english: str


@cache
def catalogue() -> dict[str, Message]:
    """Every message by its id."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return {row["id"]: Message(row["indonesian"], row["english"]) for row in csv.DictReader(file)}


def say(message_id: str, /, *, at: object = None, **values: object) -> str:
    """The message in both languages: ``place: Indonesian / English``.

    ``at`` is the place that the message is about (a file, an option, a region); without it none is named.
    Values fill ``{name}`` in the texts.

    Raises:
        KeyError: the catalogue lacks the id, or the text names a value that is not given.
    """
    found = catalogue()[message_id]
    indonesian, english = (text.format_map(values) for text in found)
    text = indonesian if indonesian == english else f"{indonesian} / {english}"
    return text if at is None else f"{at}: {text}"
