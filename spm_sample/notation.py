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
    """See to it that each text that reads two ways has one beside it that can only be read as Indonesian.

    Beside it is what counts as evidence: the same column, kind of row and unit. Untouched rows go first.
    """
    alike: dict[tuple[str, str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: id(row) in touched):
        for field in VALUES:
            alike.setdefault((field, row["record"], row["unit"].casefold()), []).append(row)
    for (field, _, _), group in alike.items():
        two_ways = [row for row in group if TWO_WAYS.fullmatch(row[field])]
        proofs = (row for row in group if id(row) not in touched and ONLY_INDONESIAN.fullmatch(row[field]))
        if two_ways and not any(proofs):
            two_ways[0][field] += ",00"


def _dressed(row: Row, field: str) -> str:
    text = indonesian(row[field])
    if row["record"] == "budget" and field == "target":
        return f"Rp {text}"
    return f"{text} %" if row["record"] == "stage" and "," in text else text
