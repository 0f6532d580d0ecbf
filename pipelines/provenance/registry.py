"""What the registry says of one period, as a hash: a changed row rebuilds the periods that it is about.

Put here: which rows of which seeds a period's figures hang on. Keep out: what they mean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

from pipelines.registry.home_rows import per_registry
from pipelines.registry.methods import policies_of
from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, SeedRow, read_seed

SHOWN_ONLY = frozenset({"codes", "columns", "forms", "form_sheets", "form_columns", "gate_limits"})
"""Seeds that no figure hangs on: words, layouts of forms (the reader has a version of its own), and the
limits that say whether a period is published."""

_VALIDITY = frozenset({"valid_from_period", "valid_to_period"})

CAUSES_OF_THEIR_OWN = frozenset({"corrections"})
"""Seeds whose rows name the cells that they change, and are themselves the cause of the change."""


@per_registry
def registry_digest(period: Period, folder: Path = SEEDS) -> str:
    """The hash of every row that applies to ``period``; a row without a period or validity applies to all."""
    return _digest(period, folder, frozenset())


@per_registry
def reference_digest(period: Period, folder: Path = SEEDS) -> str:
    """The same of the seeds that may change any figure: without those of ``CAUSES_OF_THEIR_OWN``."""
    return _digest(period, folder, CAUSES_OF_THEIR_OWN)


def _digest(period: Period, folder: Path, without: frozenset[str]) -> str:
    hashed = hashlib.sha256()
    scoring = {policies_of(period, folder).method_version}
    for name, rows in _seeds(folder):
        if name in without:
            continue
        lines = [line_of(row) for row in rows if holds_in(name, row, str(period), scoring)]
        hashed.update("\n".join([name, *sorted(lines)]).encode())
    return hashed.hexdigest()


@per_registry
def _seeds(folder: Path) -> list[tuple[str, list[SeedRow]]]:
    names = sorted(path.stem for path in folder.glob("*.csv"))
    # no figure that is published hangs on a draft
    drafts = {row["method_version"] for row in read_seed("methods", folder) if row["status"] == "draft"}
    return [
        (name, [row for row in read_seed(name, folder) if row.cells.get("method_version") not in drafts])
        for name in names
        if name not in SHOWN_ONLY
    ]


def holds_in(name: str, row: SeedRow, period: str, methods: Collection[str] = ()) -> bool:
    """Whether a figure of ``period`` may hang on a row of the seed ``name``.

    ``methods`` are those that score the period: the bands of others do not count.
    """
    if name == "bands":
        return row["method_version"] in methods
    if row.cells.get("period"):
        return row.cells["period"] == period
    first = row.cells.get("valid_from_period") or row.cells.get("first_period")
    last = row.cells.get("valid_to_period") or row.cells.get("last_period")
    return (not first or first <= period) and (not last or period <= last)


def line_of(row: SeedRow) -> str:
    """What a row says where it holds; since when and until when is no part of it."""
    return "\x1f".join(
        f"{name}={'' if name in _VALIDITY else value}" for name, value in sorted(row.cells.items())
    )
