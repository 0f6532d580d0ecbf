"""The reason that the script planned for a changed cell.

Put here: from what a step did to the reason of each cell that moved. Keep out: which cells moved
(``comparison``), what the ledger says of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.registry.periods import Period
from tests.history.comparison import Change, Place

_RANKS = {"rank_national": "level", "n_national": "level", "tie_size": "level"}
_RANKS |= {"rank_province": "province", "n_province": "province"}
CODES_BEFORE = {"93.01": "91.01", "94.01": "91.04", "95.01": "91.02", "96.71": "92.71"}
"""Regions of the script that have another code since a split: now → before."""
_STRONGEST_FIRST = ("new_method", "new_reference_data", "correction", "late_data")


@dataclass(frozen=True, slots=True)
class Cause:
    """A thing that a step does to a period: to a ``region`` (none: to all), to one ``sector`` (none: to all).

    ``named`` is how the ledger names it: the document's id, or the correction with its letter. Of the sector
    ``but`` another document of the step says the last word.
    """

    reason: str
    period: str
    region: str | None = None
    sector: str | None = None
    named: str | None = None
    but: str | None = None

    def is_of(self, sector: str | None) -> bool:
        """Whether it can move a cell of a sector, or of none."""
        return sector is None or (self.sector in (None, sector) and self.but != sector)


@dataclass(frozen=True, slots=True)
class Step:
    """What is planned of one release. ``first`` are the periods that it publishes for the first time."""

    causes: Sequence[Cause] = ()
    first: Sequence[str] = ()
    groups: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    changes: Mapping[Place, Change] = field(default_factory=dict)

    def reason(self, place: Place) -> tuple[str, set[str]] | None:
        """Reason and names of a cell; none where nothing of the script can have moved it."""
        region, period, change = place.of("region_code"), place.of("period") or "", self.changes[place]
        here = [cause for cause in self.causes if cause.period == period]
        own = [
            cause
            for cause in here
            if region is not None and cause.region == region and cause.is_of(change.sector)
        ]
        if own:
            return _strongest(own, among=own)
        if region is None or place.column in _RANKS:
            peers = [cause for cause in here if self._is_peer(cause, place)] or here
            return _strongest(peers) if peers else None
        world = [cause for cause in here if cause.region is None]
        if place.column.startswith("change_from_") and not self._moved(region, period):
            earlier = _earlier(place.column, period)
            if earlier in self.first:
                return "routine", set()
            then = region if self._moved(region, earlier) else CODES_BEFORE.get(region, region)
            if self._moved(then, earlier):
                causes = [cause for cause in self.causes if (cause.region, cause.period) == (then, earlier)]
                return "routine", {cause.named for cause in causes if cause.named}
        return _strongest(world) if world else None

    def _is_peer(self, cause: Cause, place: Place) -> bool:
        """Whether a cause falls into the group that a rank or a sum is taken over."""
        if cause.region is None:
            return True
        level, province = self.groups[cause.region, cause.period]
        region = place.of("region_code")
        if region is not None:
            mine = self.groups[region, cause.period]
            return mine[0] == level if _RANKS[place.column] == "level" else mine[1] == province
        scope = place.of("scope")
        if scope is None:
            return place.of("province_code") == province
        if scope in ("province", "regency_city"):
            return (scope == "province") == (level == "province")
        return cause.is_of(None if scope == "national" else scope)

    def _moved(self, region: str, period: str) -> bool:
        key = (("period", period), ("region_code", region))
        return Place("mart_region_score", key, "index") in self.changes


def _earlier(column: str, period: str) -> str:
    back = 1 if column == "change_from_previous_period" else 4
    found = Period.parse(period)
    for _ in range(back):
        found = found.previous()
    return str(found)


def _strongest(causes: Sequence[Cause], among: Sequence[Cause] | None = None) -> tuple[str, set[str]]:
    reasons = {cause.reason for cause in causes}
    reason = next(one for one in _STRONGEST_FIRST if one in reasons)
    # a region's cells name all that came for it; those of groups what came with the reason that is told
    named = among if among is not None else [cause for cause in causes if cause.reason == reason]
    return reason, {cause.named for cause in named if cause.named}
