"""Verdicts: what each check of the gate said, of which period, bound to the tables it judged.

Put here: value objects. Keep out: Great Expectations (``judge``), deciding (``gate``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipelines.registry.gate_checks import required_checks

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
    """The gate's verdict on one period, and the sha256 of each table that was judged."""

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


@dataclass(frozen=True, slots=True)
class ClosingCheck:
    """A check that closed the gate of a period, its table, its sentence in two languages, and the rows that
    failed it.

    ``rows`` are at most 20 of ``failing_count``. ``detail`` says why a check gave no answer.
    """

    period: str
    check_id: str
    table: str
    sentence_id: str
    sentence_en: str
    detail: str
    failing_count: int
    rows: Sequence[dict[str, str]]


def closing_checks(verdicts: Sequence[PeriodVerdict]) -> list[ClosingCheck]:
    """The checks that closed the gate of a period, for each of the periods."""
    required = {check.check_id: check for check in required_checks()}
    closing = []
    for verdict in verdicts:
        for found in verdict.closing:
            check = required.get(found.check_id)
            closing.append(
                ClosingCheck(
                    period=verdict.period,
                    check_id=found.check_id,
                    table=found.table,
                    sentence_id=check.sentence_id if check else found.table,
                    sentence_en=check.sentence_en if check else found.table,
                    detail=found.detail,
                    failing_count=found.failing_count,
                    rows=found.failing_rows,
                )
            )
    return closing
