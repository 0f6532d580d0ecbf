"""What a suite must know of the run that it judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The periods judged, and the highest percent that the methods allow (none when the cap is off).

    ``unscored_periods``: those of ``periods`` that no method scores (before 2019). Indicators and scores are
    owed for the others.
    """

    periods: Sequence[str]
    highest_percent: int | None = 100
    unscored_periods: Sequence[str] = ()

    @property
    def scored_periods(self) -> list[str]:
        """The periods that owe scores."""
        return [period for period in self.periods if period not in self.unscored_periods]

    @property
    def least_scores(self) -> int:
        """The rows that a table of scores owes at least: 1, or 0 when no period is scored."""
        return min(1, len(self.scored_periods))


def check(check_id: str) -> dict[str, str]:
    """The meta of an expectation: the id of its row in ``gate_checks.csv``."""
    return {"check_id": check_id}
