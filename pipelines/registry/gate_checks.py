"""The checks that must have run before a period is published (``gate_checks.csv``).

Put here: the list. Keep out: what a check looks at (``expectations``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.registry.seeds import SEEDS, read_seed


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One required check. ``severity``: fatal closes the gate, warning is published."""

    check_id: str
    table_name: str
    severity: str
    sentence_en: str
    sentence_id: str


def required_checks(seeds: Path = SEEDS) -> list[GateCheck]:
    """Every check that must have run, in the order of the file.

    Raises:
        RegistryError: the table is not in order.
    """
    return [
        GateCheck(
            check_id=row.text("check_id"),
            table_name=row.text("table_name"),
            severity=row.text("severity"),
            sentence_en=row.text("sentence_en"),
            sentence_id=row.text("sentence_id"),
        )
        for row in read_seed("gate_checks", seeds)
    ]
