"""What a suite must know of the run that it judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The periods judged, and the highest percent that the methods allow (none when the cap is off)."""

    periods: Sequence[str]
    highest_percent: int | None = 100


def check(check_id: str) -> dict[str, str]:
    """The meta of an expectation: the id of its row in ``gate_checks.csv``."""
    return {"check_id": check_id}
