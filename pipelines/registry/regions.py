"""Regional governments in time: which exist on a day, and what their code is today.

Source: ``regions.csv`` (states, half-open days), ``region_changes.csv`` (recodes).
Put here: region states, lineages (one government under all its codes).
Keep out: names as people write them (``warehouse.region_names``), who is expected to report (``rosters``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.registry.home_rows import per_registry
from pipelines.registry.seeds import SEEDS, RegistryError, SeedRow, read_seed

HORIZON = date(2005, 1, 1)
"""The first day that can be asked for: earlier code decrees were not seen."""


@dataclass(frozen=True, slots=True)
class Region:
    """One state of a regional government: the days ``valid_from <= day < valid_to``.

    ``None`` is open: before 2000 (or the horizon), or until today. ``current_region_code`` is the code
    that the same government has today; ``province_name`` is as of the last day of the state.
    """

    region_code: str
    region_name: str
    level: str
    province_code: str
    province_name: str
    bps_code: str | None
    is_autonomous: bool
    valid_from: date | None
    valid_to: date | None
    current_region_code: str

    @property
    def is_current(self) -> bool:
        """Whether the state is valid today."""
        return self.valid_to is None

    @property
    def tier(self) -> str:
        """Whose services it owes: ``province`` or ``regency_city``."""
        return "province" if self.level == "province" else "regency_city"

    def is_valid_on(self, day: date) -> bool:
        """Whether the state is valid on ``day``."""
        return (self.valid_from or date.min) <= day < (self.valid_to or date.max)


@per_registry
def all_states(folder: Path = SEEDS) -> tuple[Region, ...]:
    """Every state of every region, in the order of the file.

    Raises:
        RegistryError: the tables are not in order.
    """
    rows = list(read_seed("regions", folder))
    recodes = _recodes(folder)
    provinces = [row for row in rows if row.text("level") == "province"]
    return tuple(
        Region(
            region_code=row.text("region_code"),
            region_name=row.text("name"),
            level=row.text("level"),
            province_code=row.text("province_code"),
            province_name=_province_name(row, provinces),
            bps_code=row.optional("bps_code"),
            is_autonomous=row.boolean("is_autonomous"),
            valid_from=row.day("valid_from"),
            valid_to=row.day("valid_to"),
            current_region_code=_last_code(row.text("region_code"), recodes),
        )
        for row in rows
    )


@per_registry
def regions_on(day: date, folder: Path = SEEDS) -> tuple[Region, ...]:
    """The regions valid on ``day``, one state each, ordered by code.

    Raises:
        RegistryError: ``day`` lies before the horizon.
    """
    if day < HORIZON:
        raise RegistryError(f"regions are known from {HORIZON} on, not on {day}")
    return tuple(sorted((s for s in all_states(folder) if s.is_valid_on(day)), key=lambda s: s.region_code))


def current_code(region_code: str, folder: Path = SEEDS) -> str:
    """The code that the region of ``region_code`` has today; recodes are followed, splits are not.

    Raises:
        RegistryError: no region has or had the code.
    """
    lines = _lineage_by_code(folder)
    if region_code not in lines:
        raise RegistryError(f"no region has or had the code {region_code!r} since {HORIZON}")
    return lines[region_code]


def state_on(region_code: str, day: date, folder: Path = SEEDS) -> Region | None:
    """The state on ``day`` of the region that has ``region_code`` at any time, under its code of that day.

    An ended code leads to its successor and a later code back to its predecessor, because submissions carry
    both. ``None``: the region did not exist on that day, or no region ever had the code.

    Raises:
        RegistryError: ``day`` lies before the horizon.
    """
    current = _lineage_by_code(folder).get(region_code)
    return next((s for s in regions_on(day, folder) if s.current_region_code == current), None)


@per_registry
def _lineage_by_code(folder: Path) -> dict[str, str]:
    return {state.region_code: state.current_region_code for state in all_states(folder)}


def _province_name(row: SeedRow, provinces: list[SeedRow]) -> str:
    """The name of the province on the last day of the state in ``row``."""
    ends = row.day("valid_to") or date.max
    return next(
        province.text("name")
        for province in provinces
        if province.text("region_code") == row.text("province_code")
        and (province.day("valid_from") or date.min) < ends <= (province.day("valid_to") or date.max)
    )


def _recodes(folder: Path) -> dict[str, str]:
    return {
        row.text("region_code_old"): row.text("region_code_new")
        for row in read_seed("region_changes", folder)
        if row.text("kind") == "recode"
    }


def _last_code(code: str, recodes: dict[str, str]) -> str:
    while code in recodes:
        code = recodes[code]
    return code
