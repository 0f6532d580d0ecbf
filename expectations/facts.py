"""What a suite must know of the run that it judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.registry.periods import Period
from pipelines.registry.rosters import roster_rows
from pipelines.registry.rules import doubting_rules, rules


def quality_rules() -> list[tuple[str, str | None, str | None]]:
    """Each quality rule of the registry, with the first and the last period that it judges."""
    return [
        (
            rule.rule_id,
            str(rule.valid_from) if rule.valid_from else None,
            str(rule.valid_to) if rule.valid_to else None,
        )
        for rule in rules().values()
    ]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The periods judged, and the highest percent that the methods allow (none when the cap is off).

    ``unscored_periods``: those of ``periods`` that no method scores (before 2019). Indicators and scores are
    owed for the others. ``closed_periods`` are earlier ones of the run whose gate is closed: nothing is
    compared with them. ``rules`` are the quality rules with the first and last period that each judges,
    ``doubting`` those of them that doubt a value.
    """

    periods: Sequence[str]
    highest_percent: int | None = 100
    unscored_periods: Sequence[str] = ()
    closed_periods: Sequence[str] = ()
    rules: Sequence[tuple[str, str | None, str | None]] = field(default_factory=quality_rules)
    doubting: Sequence[str] = field(default_factory=lambda: tuple(doubting_rules()))

    @property
    def scored_periods(self) -> list[str]:
        """The periods that owe scores."""
        return [period for period in self.periods if period not in self.unscored_periods]

    @property
    def rosters(self) -> list[tuple[str, str | None]]:
        """Whom each period expects to report: the code of a region, or none for every autonomous one."""
        return [
            (period, row.region_code) for period in self.periods for row in roster_rows(Period.parse(period))
        ]

    @property
    def least_scores(self) -> int:
        """The rows that a table of scores owes at least: 1, or 0 when no period is scored."""
        return min(1, len(self.scored_periods))


def check(check_id: str) -> dict[str, str]:
    """The meta of an expectation: the id of its row in ``gate_checks.csv``."""
    return {"check_id": check_id}
