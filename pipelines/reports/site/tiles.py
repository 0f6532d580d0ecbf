"""The tile map: a square for each province, roughly where it lies. No boundaries are needed for it.

Letters are those of ISO 3166-2:ID. A province without a place of its own stands in a row below the others.
Put here: places. Keep out: colours (``assets/style.css``).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("province_tiles.csv")
COLUMNS = 13


@dataclass(frozen=True, slots=True)
class Tile:
    """The place of a province, counted from 1 at the top left, and the letters on it."""

    letters: str
    column: int
    row: int


@cache
def _places() -> dict[str, Tile]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["province_code"]: Tile(row["letters"], int(row["column"]), int(row["row"]))
            for row in csv.DictReader(file)
        }


def tiles_of(province_codes: Sequence[str]) -> Mapping[str, Tile]:
    """The tile of each province, in their order."""
    known = _places()
    below = max(tile.row for tile in known.values()) + 1
    homeless = [code for code in province_codes if code not in known]
    found = {
        code: Tile(code, number % COLUMNS + 1, below + number // COLUMNS)
        for number, code in enumerate(homeless)
    }
    return {code: known.get(code) or found[code] for code in province_codes}
