"""Verdicts: what each check of the gate said, of which period, bound to the tables it judged.

Put here: value objects and their JSON. Keep out: Great Expectations (``judge``), deciding (``gate``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["pass", "warn", "fail", "error"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check said. ``error``: it could not say (raised, or did not run), which closes the gate.

    ``failing_rows`` are at most 20 of the rows at fault, as text.
    """

    check_id: str
    table: str
    severity: str
    status: Status
    detail: str = ""
    failing_count: int = 0
    failing_rows: Sequence[dict[str, str]] = field(default_factory=tuple)

    @property
    def closes(self) -> bool:
        """Whether the check closes the gate."""
        return self.status in {"fail", "error"}


@dataclass(frozen=True, slots=True)
class PeriodVerdict:
    """The gate's word on one period, and the sha256 of each table that was judged."""

    period: str
    verdicts: Sequence[Verdict]
    tables: dict[str, str]

    @property
    def passed(self) -> bool:
        """Open only if checks ran and none of them closes the gate."""
        return bool(self.verdicts) and not any(verdict.closes for verdict in self.verdicts)

    @property
    def closing(self) -> list[Verdict]:
        """The checks that close the gate."""
        return [verdict for verdict in self.verdicts if verdict.closes]

    def to_json(self) -> dict[str, Any]:
        """As stored in the manifest of a release."""
        return {
            "period": self.period,
            "passed": self.passed,
            "tables": self.tables,
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
        }

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> PeriodVerdict:
        """What ``to_json`` gave."""
        return cls(found["period"], [Verdict(**verdict) for verdict in found["verdicts"]], found["tables"])
