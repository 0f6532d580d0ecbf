"""Rosters: who is expected to report for a period.

Source: ``rosters.csv``; which roster holds in a period is the policy ``roster`` of its method.
Put here: whom a roster counts. Keep out: which regions exist (``regions``), what they owe (``catalogue``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.registry.home_rows import per_registry
from pipelines.registry.methods import policies_of
from pipelines.registry.periods import Period
from pipelines.registry.regions import Region, regions_on
from pipelines.registry.seeds import SEEDS, read_seed


@dataclass(frozen=True, slots=True)
class RosterRow:
    """What one row counts in its quarters: a region, or every autonomous one (``None``)."""

    region_code: str | None
    valid_from: Period
    valid_to: Period | None

    def counts(self, region: Region) -> bool:
        """Whether the row counts ``region``, a state that is valid in the quarter."""
        return region.is_autonomous if self.region_code is None else region.region_code == self.region_code


def roster_rows(period: Period, folder: Path = SEEDS) -> tuple[RosterRow, ...]:
    """The rows that say who is expected to report for ``period``."""
    return tuple(
        row
        for row in _rows(policies_of(period, folder).roster, folder)
        if row.valid_from <= period and (row.valid_to is None or period <= row.valid_to)
    )


@per_registry
def expected_reporters(period: Period, folder: Path = SEEDS) -> tuple[Region, ...]:
    """The regions that the roster of ``period`` counts, as of its last day, ordered by code."""
    rows = roster_rows(period, folder)
    return tuple(
        region for region in regions_on(period.ends_on, folder) if any(row.counts(region) for row in rows)
    )


@per_registry
def _rows(roster: str, folder: Path) -> tuple[RosterRow, ...]:
    return tuple(
        RosterRow(
            region_code=row.optional("region_code"),
            valid_from=row.parsed("valid_from_period", Period.parse),
            valid_to=row.parsed_or_none("valid_to_period", Period.parse),
        )
        for row in read_seed("rosters", folder)
        if row.text("roster") == roster
    )
