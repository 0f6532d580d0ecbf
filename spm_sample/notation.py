"""Number texts as Indonesian offices type them, and what makes a column of them readable.

Source: data contract, section 2. Put here: notation. Keep out: which documents use it (``regions``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from spm_sample.rows import Row

VALUES = ("target", "realised")
PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
# texts that can only be read the Indonesian way, and the text that reads two ways
ONLY_INDONESIAN = re.compile(r"(?:Rp )?\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|(?:Rp )?[\d.]*\d,\d+(?: %)?")
TWO_WAYS = re.compile(r"[1-9]\d{0,2}\.\d{3}")


def indonesian(text: str) -> str:
    """``1234.5`` becomes ``1.234,5``."""
    whole, _, decimals = text.partition(".")
    return f"{int(whole):,}".replace(",", ".") + (f",{decimals}" if decimals else "")


def to_indonesian(rows: Iterable[Row]) -> None:
    """Rewrite the plain numbers of rows: rupiah with their sign, broken percents with theirs."""
    for row in rows:
        for field in VALUES:
            if PLAIN.fullmatch(row[field]):
                row[field] = _dressed(row, field)


def number(text: str, is_indonesian: bool) -> Decimal | None:
    """The value of a number text in the document's notation; nothing where it is none."""
    bare = text.removeprefix("Rp ").removesuffix(" %")
    if is_indonesian:
        bare = bare.replace(".", "").replace(",", ".")
    return Decimal(bare) if PLAIN.fullmatch(bare) else None


def settle(rows: list[Row], touched: set[int]) -> None:
    """See to it that both columns hold a text that can only be read as Indonesian, in an untouched row."""
    free = [row for row in rows if id(row) not in touched]
    for field in VALUES:
        if any(ONLY_INDONESIAN.fullmatch(row[field]) for row in free):
            continue
        row = next((row for row in free if TWO_WAYS.fullmatch(row[field])), None) or next(
            (row for row in free if row[field].isdigit()), None
        )
        if row is not None:
            row[field] += ",00"


def _dressed(row: Row, field: str) -> str:
    text = indonesian(row[field])
    if row["record"] == "budget" and field == "target":
        return f"Rp {text}"
    return f"{text} %" if row["record"] == "stage" and "," in text else text
