"""The tables of ``docs/security.md`` that hold what was tried and what held.

A person writes the row of a kind, but for its last two columns; the rows of the fuzz run are written whole.

Put here: reading and writing them. Keep out: counting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.settings import PROJECT_DIR
from tests.attack.counting import Counted
from tests.attack.fuzz.run import Outcome

PAGE = PROJECT_DIR / "docs" / "security.md"
ATTACKS, FUZZ = "<!-- attacks -->", "<!-- fuzz -->"


@dataclass(frozen=True)
class Line:
    """A row: the kind, what is tried, the files of its tests, tried, held."""

    kind: str
    what: str
    files: frozenset[str]
    tried: int
    held: int


def attacks() -> list[Line]:
    """The rows of the first table as they stand."""
    found = []
    for cells in _cells(PAGE.read_text(encoding="utf-8"), ATTACKS)[:-1]:
        kind, what, where, tried, held = cells
        found.append(Line(kind, what, frozenset(re.findall(r"`([\w.]+)`", where)), int(tried), int(held)))
    return found


def write_attacks(counted: Counted) -> None:
    """Write the counts of a run into the rows of their kinds; ValueError where a kind has none."""
    text = PAGE.read_text(encoding="utf-8")
    if missing := counted.tried.keys() - {line.kind for line in attacks()}:
        raise ValueError(f"{PAGE.name}: no row for the kind {', '.join(sorted(missing))}: add it")
    rows = [
        [*cells[:3], str(counted.tried[cells[0]]), str(counted.held[cells[0]])]
        for cells in _cells(text, ATTACKS)[:-1]
    ]
    rows.append(["all", "", "", str(counted.tried.total()), str(counted.held.total())])
    PAGE.write_text(_with(text, ATTACKS, rows), encoding="utf-8")


def write_fuzz(outcomes: list[Outcome], seed: int) -> None:
    """Write the rows of a fuzz run."""
    rows = [
        [one.target, f"{one.tried:,}", f"{one.tried - one.not_held:,}", f"{one.seconds:.0f}", str(seed)]
        for one in outcomes
    ]
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_with(text, FUZZ, rows), encoding="utf-8")


def _cells(text: str, mark: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in _lines(text, mark)[2:]]


def _lines(text: str, mark: str) -> list[str]:
    return text.split(mark)[1].lstrip().split("\n\n")[0].strip().splitlines()


def _with(text: str, mark: str, rows: list[list[str]]) -> str:
    old = _lines(text, mark)
    new = [*old[:2], *(re.sub(r" {2,}", " ", f"| {' | '.join(cells)} |") for cells in rows)]
    before, after = text.split(mark)
    return before + mark + after.replace("\n".join(old), "\n".join(new), 1)
