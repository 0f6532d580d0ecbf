"""The rows that a region owes for a quarter, with believable values in plain notation.

Source: services and quality items of the catalogue.

Put here: from numbers to input rows. Keep out: the numbers (``numbers``), the document (``documents``).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipelines.registry import catalogue
from pipelines.registry.periods import Period
from pipelines.submissions.rows import COLUMNS
from spm_sample.draws import generator
from spm_sample.numbers import COMPONENTS, YearNumbers, tier_services

Row = dict[str, str]
"""One input row: a text for each of ``COLUMNS``; region and period are those of the document."""

STAGES = ("data_collection", "needs_calculation", "planning", "implementation")
FREE_TEXT = (
    ("goods_services", "Sarana dan prasarana layanan", "Unit"),
    ("personnel", "Petugas pelaksana layanan", "Orang"),
    ("procedures", "Dokumen prosedur layanan", "Dokumen"),
    ("goods_services", "Bahan habis pakai layanan", "Paket"),
)
PROBLEMS = (
    ("anggaran", "Anggaran belum mencukupi kebutuhan hasil penghitungan."),
    ("anggaran", "Pergeseran anggaran pada perubahan APBD belum ditetapkan."),
    ("data", "Data sasaran belum padan dengan data kependudukan."),
    ("data", "Pendataan di wilayah terpencil belum selesai."),
    ("sdm", "Jumlah petugas pelaksana belum sesuai standar."),
    ("sdm", "Operator pengelola data berganti pada triwulan ini."),
    ("sarana", "Sebagian sarana layanan rusak dan menunggu perbaikan."),
    ("koordinasi", "Koordinasi antarperangkat daerah belum berjalan rutin."),
)

Items = tuple[tuple[str, str, str], ...]


def row(record: str, **texts: str) -> Row:
    """A row with the given texts, all other columns empty."""
    return {**dict.fromkeys(COLUMNS, ""), "record": record, **texts}


def region_rows(
    numbers: YearNumbers,
    period: Period,
    *,
    seed: int,
    region: str,
    level: str,
    items: int,
    early: bool = False,
) -> list[Row]:
    """Every row of a region (its current code) for a quarter; ``early``: as known weeks before its end."""
    tier = "province" if level == "province" else "regency_city"
    recipients, quality = numbers.realised(period.quarter, early)
    rows: list[Row] = []
    for service in catalogue.services_owed(tier, period):
        at = numbers.services.index(service.service_code)
        keys = {"sector": service.sector_code, "service": service.service_code}
        rows.append(
            row(
                "achievement",
                **keys,
                component="recipients",
                unit=recipients_unit(service.service_code),
                target=str(numbers.targets[at]),
                realised=str(recipients[at]),
            )
        )
        given = service_items(service.service_code, period, items)
        for place, (component, item, unit) in enumerate(given):
            texts = {"component": component, "item": item, "unit": unit}
            values = {"target": str(numbers.item_targets[at, place]), "realised": str(quality[at, place])}
            rows.append(row("achievement", **keys, **texts, **values))
    return rows + _sector_rows(numbers, period) + _other_rows(seed, region, period)


def recipients_unit(service_code: str) -> str:
    """What the recipients of a service are counted in."""
    if service_code.startswith("P-PU"):
        return "Kabupaten/kota"
    return "Rumah tangga" if service_code.split("-")[1] in ("PU", "PERA") else "Orang"


@lru_cache
def service_items(service_code: str, period: Period, count: int) -> Items:
    """Component, item and unit of ``count`` quality items: the catalogue's, then made-up names."""
    known = [
        (item.component, item.item_code, item.unit.strip())
        for item in catalogue.quality_items(service_code, period)
    ]
    found = known[:count]
    for number in range(count - len(found)):
        component, name, unit = FREE_TEXT[number % len(FREE_TEXT)]
        again = number // len(FREE_TEXT) + 1
        found.append((component, name if again == 1 else f"{name} {again}", unit))
    return tuple(found)


@lru_cache
def item_components(level: str, period: Period, count: int) -> NDArray[np.int8]:
    """Index into ``COMPONENTS`` of each service's items: (services of the tier, ``count``)."""
    return np.array(
        [
            [COMPONENTS.index(component) for component, _, _ in service_items(code, period, count)]
            for code in tier_services(level)
        ],
        dtype=np.int8,
    ).reshape(len(tier_services(level)), count)


def _sector_rows(numbers: YearNumbers, period: Period) -> list[Row]:
    spent = numbers.spent(period.quarter)
    codes = [sector.sector_code for sector in catalogue.sectors()]
    rows = [
        row(
            "budget",
            sector=code,
            unit="rupiah",
            target=str(numbers.budgets[at]),
            realised=str(spent[at]),
        )
        for at, code in enumerate(codes)
    ]
    for at, code in enumerate(codes):
        rows += [
            row(
                "stage",
                sector=code,
                item=stage,
                unit="percent",
                target="100",
                realised=f"{numbers.stages[at, place, period.quarter - 1]:.1f}".removesuffix(".0"),
            )
            for place, stage in enumerate(STAGES)
        ]
    return rows


def _other_rows(seed: int, region: str, period: Period) -> list[Row]:
    """Problems (none to two), the team and the action plan."""
    drawn = generator(seed, region, str(period), "others")
    codes = [sector.sector_code for sector in catalogue.sectors()]
    rows = [
        row("problem", sector=codes[int(drawn.integers(6))], item=PROBLEMS[at][0], note=PROBLEMS[at][1])
        for at in drawn.choice(len(PROBLEMS), size=int(drawn.integers(3)), replace=False)
    ]
    decree = f"Keputusan kepala daerah Nomor {int(drawn.integers(10, 900))} Tahun {period.year}"
    rows.append(row("team", item="Tim penerapan SPM", unit="dokumen", target="1", realised="1", note=decree))
    done = str(int(drawn.random() < 0.25 * period.quarter))
    plan = f"Rencana aksi penerapan SPM {period.year}"
    rows.append(row("action_plan", item=plan, unit="dokumen", target="1", realised=done))
    return rows
