"""The limits of the national breakers and of the release approval, period by period.

Source: ``gate_limits.csv``. Put here: the numbers. Keep out: what is compared with them (``expectations``,
``publish.approval``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, read_seed


@dataclass(frozen=True, slots=True)
class GateLimit:
    """One number, valid from ``valid_from`` to ``valid_to`` (both inclusive, ``None`` open).

    ``check_id`` is a check of the gate, or a point of the approval (``AP-…``).
    """

    check_id: str
    parameter: str
    value: Decimal
    unit: str
    description_id: str
    description_en: str
    valid_from: Period | None
    valid_to: Period | None

    def holds_in(self, period: Period) -> bool:
        """Whether the number is the one of ``period``."""
        return (self.valid_from is None or self.valid_from <= period) and (
            self.valid_to is None or period <= self.valid_to
        )


def gate_limits(seeds: Path = SEEDS) -> list[GateLimit]:
    """Every limit, in the order of the file.

    Raises:
        RegistryError: the table is not in order.
    """
    return [
        GateLimit(
            check_id=row.text("check_id"),
            parameter=row.text("parameter"),
            value=row.decimal("value"),
            unit=row.text("unit"),
            description_id=row.text("description_id"),
            description_en=row.text("description_en"),
            valid_from=row.parsed_or_none("valid_from_period", Period.parse),
            valid_to=row.parsed_or_none("valid_to_period", Period.parse),
        )
        for row in read_seed("gate_limits", seeds)
    ]
