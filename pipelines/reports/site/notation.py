"""How numbers, days and quarters are written on a page: the Indonesian way, ``1.234,56``.

Decimals in, text out; half up, as the contract shows values (contract 3). Nothing is shown as ``-``.
Put here: notation. Keep out: labels (``labels``).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from pipelines.messages import in_indonesian

NOTHING = "–"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
_QUARTERS = {"Q1": "I", "Q2": "II", "Q3": "III", "Q4": "IV"}


def number(value: Decimal | int | None) -> str:
    """A count or an amount, with as many decimals as it has: ``1.234,5``."""
    if value is None:
        return NOTHING
    text = f"{Decimal(value):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return in_indonesian(text)


def points(value: Decimal | None) -> str:
    """An index or a percentage with two decimals, half up: ``83,20``."""
    return NOTHING if value is None else in_indonesian(f"{_rounded(value, '0.01'):,f}")


def change(value: Decimal | None) -> str:
    """A difference of points, with its sign: ``+1,25``."""
    if value is None:
        return NOTHING
    shown = _rounded(value, "0.01")
    sign = "+" if shown > 0 else "−" if shown < 0 else "±"
    return sign + in_indonesian(f"{abs(shown):,f}")


def share(value: Decimal | None) -> str:
    """A share of 0 to 1 as a percentage of one decimal: ``87,5 %``."""
    return NOTHING if value is None else in_indonesian(f"{_rounded(value * 100, '0.1'):,f}") + " %"


def whole(value: Decimal | None) -> int | None:
    """A count of people without its decimals."""
    return None if value is None else int(value)


def day(value: date | None) -> str:
    """``20 Jan 2025``."""
    return NOTHING if value is None else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime | None) -> str:
    """A time of Jakarta: ``20 Jan 2025 14.05 WIB``."""
    return NOTHING if value is None else f"{day(value)} {value:%H.%M} WIB"


def quarter(period: str | None) -> str:
    """``2024-Q4`` as ``TW IV 2024`` (triwulan), never broken over lines."""
    if period is None:
        return NOTHING
    year, _, part = period.partition("-")
    return f"TW\N{NO-BREAK SPACE}{_QUARTERS[part]}\N{NO-BREAK SPACE}{year}" if part in _QUARTERS else period


def cell(text: str | None) -> str:
    """A published cell that a table holds as text; a number is written as one."""
    if text is None:
        return NOTHING
    return number(Decimal(text)) if _NUMBER.fullmatch(text) else text


def _rounded(value: Decimal, to: str) -> Decimal:
    return Decimal(value).quantize(Decimal(to), ROUND_HALF_UP)
