"""What several laws ask of the tables: the last day of a quarter, which state of a region is valid.

Put here: asking. Keep out: laws.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from pipelines.registry.seed_files import SeedRow

Read = Callable[[str], tuple[SeedRow, ...]]
"""Gives the rows of a seed, each column as its YAML says."""

Law = Callable[[Read], Iterator[str]]
"""Finds what breaks it: a sentence for each fault, with file, line and remedy."""


def last_days(read: Read) -> dict[str, date]:
    """The last day of each quarter."""
    return {row["period"]: row.day("ends_on") or date.max for row in read("periods")}


def in_force(row: SeedRow, period: str) -> bool:
    """Whether the validity of a row, in quarters, holds ``period``."""
    first, last = row.optional("valid_from_period"), row.optional("valid_to_period")
    return (first is None or first <= period) and (last is None or period <= last)


def states_by_code(read: Read) -> dict[str, list[SeedRow]]:
    """The rows of ``regions`` with each code."""
    found = defaultdict(list)
    for row in read("regions"):
        found[row["region_code"]].append(row)
    return found


def is_valid_on(row: SeedRow, day: date) -> bool:
    """Whether a state of a region is valid on ``day``."""
    return (row.day("valid_from") or date.min) <= day < (row.day("valid_to") or date.max)


def has_state(states: Mapping[str, list[SeedRow]], code: str, day: date) -> bool:
    """Whether a region has the code on ``day``."""
    return any(is_valid_on(row, day) for row in states.get(code, ()))


def no_such_code(code: str, period: str, ends_on: date) -> str:
    """What is said of a code that no region has on the last day of a period."""
    return (
        f"no region has the code {code} on the last day of {period} ({ends_on}): write the code that it had"
        " on that day"
    )
