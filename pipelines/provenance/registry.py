"""What the registry says of one period, as a hash: a changed row rebuilds the periods that it is about.

Put here: which rows of which seeds a period's figures hang on. Keep out: what they mean.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, SeedRow, read_seed

SHOWN_ONLY = frozenset({"columns", "forms", "form_sheets", "form_columns", "gate_limits"})
"""Seeds that no figure hangs on: labels, layouts of forms (the reader has a version of its own), and the
limits that say whether a period is published."""


CAUSES_OF_THEIR_OWN = frozenset({"corrections"})
"""Seeds whose rows name the cells that they change, and are themselves the cause of the change."""


@cache
def registry_digest(period: Period, folder: Path = SEEDS) -> str:
    """The hash of every row that applies to ``period``; a row without a period or validity applies to all."""
    return _digest(period, folder, frozenset())


@cache
def reference_digest(period: Period, folder: Path = SEEDS) -> str:
    """The same of the seeds that may change any figure: without those of ``CAUSES_OF_THEIR_OWN``."""
    return _digest(period, folder, CAUSES_OF_THEIR_OWN)


def _digest(period: Period, folder: Path, without: frozenset[str]) -> str:
    hashed = hashlib.sha256()
    for name, rows in _seeds(folder):
        if name in without:
            continue
        lines = [_line(row) for row in rows if _applies(row, str(period))]
        hashed.update("\n".join([name, *sorted(lines)]).encode())
    return hashed.hexdigest()


@cache
def _seeds(folder: Path) -> list[tuple[str, list[SeedRow]]]:
    names = sorted(path.stem for path in folder.glob("*.csv"))
    # no figure that is published hangs on a draft
    drafts = {row["method_version"] for row in read_seed("methods", folder) if row["status"] == "draft"}
    return [
        (name, [row for row in read_seed(name, folder) if row.cells.get("method_version") not in drafts])
        for name in names
        if name not in SHOWN_ONLY
    ]


def _applies(row: SeedRow, period: str) -> bool:
    if row.cells.get("period"):
        return row.cells["period"] == period
    first = row.cells.get("valid_from_period") or row.cells.get("first_period")
    last = row.cells.get("valid_to_period") or row.cells.get("last_period")
    return (not first or first <= period) and (not last or period <= last)


def _line(row: SeedRow) -> str:
    return "\x1f".join(f"{name}={value}" for name, value in sorted(row.cells.items()))
