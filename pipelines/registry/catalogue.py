"""The catalogue: sectors, the services a tier owes, the quality items of a service.

Source: ``sectors.csv``, ``services.csv``, ``quality_items.csv`` (PP 2/2018 and the sector rules).
Put here: what is owed in a period. Keep out: what came in, and weights (``methods``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.registry.home_rows import per_registry
from pipelines.registry.periods import Period
from pipelines.registry.seeds import SEEDS, RegistryError, SeedRow, read_seed

TIERS = ("province", "regency_city")
COMPONENTS = ("goods_services", "personnel", "procedures")


@dataclass(frozen=True, slots=True)
class Sector:
    """One sector (bidang)."""

    sector_code: str
    name_id: str
    name_en: str
    sort_order: int


@dataclass(frozen=True, slots=True)
class Service:
    """One service (jenis pelayanan dasar) that a tier owes from ``valid_from`` to ``valid_to``, inclusive."""

    service_code: str
    tier: str
    sector_code: str
    sort_order: int
    name_id: str
    name_en: str
    recipients_id: str | None
    espm_code: str | None
    legal_basis: str
    valid_from: Period
    valid_to: Period | None


@dataclass(frozen=True, slots=True)
class QualityItem:
    """One quality item of a service; version and code are its key. ``confidence`` says where it was seen."""

    item_version: str
    item_code: str
    service_code: str
    component: str
    name_id: str
    unit: str
    espm_code: str | None
    confidence: str
    valid_from: Period
    valid_to: Period | None


@per_registry
def sectors(folder: Path = SEEDS) -> tuple[Sector, ...]:
    """The six sectors, in the order of the law."""
    found = [
        Sector(
            row.text("sector_code"), row.text("name_id"), row.text("name_en"), row.parsed("sort_order", int)
        )
        for row in read_seed("sectors", folder)
    ]
    return tuple(sorted(found, key=lambda sector: sector.sort_order))


@per_registry
def services(folder: Path = SEEDS) -> tuple[Service, ...]:
    """Every service of every time, ordered by tier, sector and place in its sector.

    Raises:
        RegistryError: the table is not in order.
    """
    order = {sector.sector_code: sector.sort_order for sector in sectors(folder)}
    found = map(_service, read_seed("services", folder))
    return tuple(sorted(found, key=lambda s: (TIERS.index(s.tier), order[s.sector_code], s.sort_order)))


@per_registry
def counted_units(folder: Path = SEEDS) -> tuple[str, ...]:
    """The units of things that are counted whole, as people write them."""
    return tuple(
        row.text("unit") for row in read_seed("units", folder) if row.text("kind") in ("person", "whole")
    )


def services_owed(tier: str, period: Period, folder: Path = SEEDS) -> tuple[Service, ...]:
    """The services that a tier owes in a period; none before the catalogue begins (2019-Q1).

    Raises:
        RegistryError: ``tier`` is neither ``province`` nor ``regency_city``.
    """
    if tier not in TIERS:
        raise RegistryError(f"not a tier: {tier!r} (expected {' or '.join(TIERS)})")
    return tuple(s for s in services(folder) if s.tier == tier and _in_force(s, period))


def quality_items(service_code: str, period: Period, folder: Path = SEEDS) -> tuple[QualityItem, ...]:
    """The quality items of a service in a period, in the order of the file.

    Raises:
        RegistryError: no service has the code.
    """
    if service_code not in {service.service_code for service in services(folder)}:
        raise RegistryError(f"services.csv: no service {service_code!r}")
    return tuple(i for i in _all_items(folder) if i.service_code == service_code and _in_force(i, period))


def _in_force(entry: Service | QualityItem, period: Period) -> bool:
    return entry.valid_from <= period and (entry.valid_to is None or period <= entry.valid_to)


def _service(row: SeedRow) -> Service:
    return Service(
        service_code=row.text("service_code"),
        tier=row.text("tier"),
        sector_code=row.text("sector_code"),
        sort_order=row.parsed("sort_order", int),
        name_id=row.text("name_id"),
        name_en=row.text("name_en"),
        recipients_id=row.optional("recipients_id"),
        espm_code=row.optional("espm_code"),
        legal_basis=row.text("legal_basis"),
        valid_from=row.parsed("valid_from_period", Period.parse),
        valid_to=row.parsed_or_none("valid_to_period", Period.parse),
    )


@per_registry
def _all_items(folder: Path) -> tuple[QualityItem, ...]:
    return tuple(
        QualityItem(
            item_version=row.text("item_version"),
            item_code=row.text("item_code"),
            service_code=row.text("service_code"),
            component=row.text("component"),
            name_id=row.text("name_id"),
            unit=row.text("unit"),
            espm_code=row.optional("espm_code"),
            confidence=row.text("confidence"),
            valid_from=row.parsed("valid_from_period", Period.parse),
            valid_to=row.parsed_or_none("valid_to_period", Period.parse),
        )
        for row in read_seed("quality_items", folder)
    )
