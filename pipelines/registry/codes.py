"""The words of codes: ``codes.csv``, what people read in place of a code of a published column.

Put here: finding the words, the order and the colour of a code. Keep out: the words (the seed), codes that
senders write (``code_labels``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.messages import Message
from pipelines.registry.home_rows import per_registry
from pipelines.registry.seeds import SEEDS, read_seed


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a field: its words, its place in lists, the colour that means it, if one does."""

    code: str
    words: Message
    sort_order: int
    colour: str | None


@per_registry
def codes_of(field: str, folder: Path = SEEDS) -> dict[str, Code]:
    """The codes of a field in their order."""
    found = [
        Code(
            row.text("code"),
            Message(row.text("label_id"), row.text("label_en")),
            row.parsed("sort_order", int),
            row.optional("colour"),
        )
        for row in read_seed("codes", folder)
        if row.text("field") == field
    ]
    return {code.code: code for code in sorted(found, key=lambda code: code.sort_order)}


def code_said(field: str, code: str) -> Message:
    """The words of a code; one that nobody has words for stands for itself."""
    known = codes_of(field).get(code)
    return known.words if known else Message(code, code)
