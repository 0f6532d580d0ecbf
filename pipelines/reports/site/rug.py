"""The rug of a province: a row for each regency and city, a column for each sector and service.

Every cell has the published index of that service; a colour and a figure say the same.

Put here: its rows. Keep out: how it looks (``templates/rug.html``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.reports.site.rendering import Site
from pipelines.warehouse.release_tables import Row, grouped

_SERVICES = """
select own.region_code, own.sector_code, own.service_code, own.recipients_index, own.quality_index, own.index,
    own.status, own.method_version
from mart_service_score as own
where own.period = $period
order by own.region_code, own.service_code
"""
_SECTORS = """
select region_code, sector_code, index, basis, method_version
from mart_sector_score
where period = $period
"""
_OWED = """
select distinct own.sector_code, dim_sector.sort_order, own.service_code, dim_service.sort_order as place,
    dim_service.name_id, dim_service.name_en, dim_service.tier
from mart_service_score as own
inner join dim_sector on own.sector_code = dim_sector.sector_code
inner join dim_service on own.service_code = dim_service.service_code
where own.period = $period
order by dim_sector.sort_order, dim_service.sort_order, own.service_code
"""
COLUMNS = (
    "period", "region_code", "region_name", "sector_code", "service_code", "recipients_index",
    "quality_index", "index", "status",
)  # fmt: skip
SHORT = {
    "reported": "",
    "zero": "",
    "published": "",
    "missing": "–",
    "not_applicable": "tb",
    "quarantined": "th",
}
"""What a cell without a figure shows, by the status of its service."""


Cell = tuple[str, int, bool, bool]
"""Text, place of the band, whether it is of a sector, whether the figure is of the press."""


@dataclass(frozen=True, slots=True)
class Rug:
    """``heads`` are the sectors with their services; ``rows`` a region and its cells."""

    heads: tuple[tuple[Row, tuple[Row, ...]], ...]
    rows: tuple[tuple[Row, tuple[Cell, ...]], ...]


class Rugs:
    """The rugs of one quarter."""

    def __init__(self, site: Site, period: str) -> None:
        self._site, self._period = site, period
        self._services = grouped(site.tables.rows(_SERVICES, period=period), "region_code")
        self._sectors = {
            (row["region_code"], row["sector_code"]): row for row in site.tables.rows(_SECTORS, period=period)
        }
        self._owed = grouped(site.tables.rows(_OWED, period=period), "tier")

    def rug(self, members: Sequence[Row], tier: str = "regency_city") -> Rug:
        """The rug of regions of one tier, in their order."""
        owed = grouped(self._owed.get(tier, []), "sector_code")
        heads = tuple(
            (sector, tuple(owed[sector["sector_code"]]))
            for sector in self._site.sectors
            if sector["sector_code"] in owed
        )
        return Rug(heads, tuple((row, tuple(self._cells(row["region_code"], heads))) for row in members))

    def table(self, members: Sequence[Row]) -> list[Row]:
        """The services of the regions, a row each, as its file has them."""
        return [
            {"period": self._period, "region_name": member["region_name"], **row}
            for member in members
            for row in self._services.get(member["region_code"], [])
        ]

    def _cells(self, region: str, heads: Any) -> list[Cell]:
        services = {row["service_code"]: row for row in self._services.get(region, [])}
        cells: list[Cell] = []
        for sector, of_sector in heads:
            whole = self._sectors.get((region, sector["sector_code"]))
            cells.append(
                (*self._cell(whole, None), True, whole is not None and whole["basis"] == "published")
            )
            cells += [
                (*self._cell(services.get(one["service_code"]), True), False, False) for one in of_sector
            ]
        return cells

    def _cell(self, row: Row | None, of_service: bool | None) -> tuple[str, int]:
        if row is None:
            return "–", 7
        instead = SHORT.get(row["status"], "–") if of_service else ""
        if instead or row["index"] is None:
            return instead or "–", 7
        # rounded down, so that nothing reaches a bound that it is below
        return str(int(row["index"])), self._site.place_of_value(row["method_version"], row["index"])
