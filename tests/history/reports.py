"""The documents of the script: reports of a dozen regions, made by counting.

Put here: which regions report, and what. Keep out: when, and what comes late or again (``script``).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from pipelines.registry.catalogue import Service, services_owed
from pipelines.registry.periods import Period
from pipelines.submissions.rows import COLUMNS

SPLIT = {"93.01": ("91.01", "2022-Q3"), "94.01": ("91.04", "2022-Q3"), "95.01": ("91.02", "2022-Q3")}
SPLIT |= {"96.71": ("92.71", "2022-Q4")}
"""Regencies and a city that came to other provinces: their code now, before, and the first quarter of now."""
REGIONS = ("64", "64.71", "64.72", "64.74", "73", "73.71", "91", "91.71", *SPLIT)
NEW_PROVINCES = {"93": "2022-Q3", "94": "2022-Q3", "96": "2022-Q4"}
"""Provinces of the split that report, with their first quarter."""


def reporters(period: str) -> list[str]:
    """The regions that report for a quarter, under the codes of it."""
    new = [code for code, first in NEW_PROVINCES.items() if period >= first]
    return sorted([code_in(region, period) for region in REGIONS] + new)


def code_in(region: str, period: str) -> str:
    """The code of a region of today in a quarter."""
    before, first = SPLIT.get(region, (region, period))
    return region if period >= first else before


def report(
    region: str, period: str, more: int = 0, sector: str | None = None, written: str | None = None
) -> bytes:
    """A report of a region, of one ``sector`` or all; ``more`` were served than in the first one.

    Recipients of every service, quality items of two, the budget of a sector and a stage: each once a key.
    ``written`` is what the document calls the region.
    """
    place = {"region": written or region, "period": period}
    quarter = int(period[-1])
    rows = []
    for service in (one.service_code for one in _owed(region, period, sector)):
        realised = str(served(region, period, service) + more)
        row = {**place, "record": "achievement", "service": service, "realised": realised}
        rows.append({**row, "component": "recipients", "target": "200"})
        if service.endswith(("KES-01", "PEND-02")):
            rows.append({**row, "component": "goods_services", "item": f"{service}.01", "target": "300"})
    if sector in (None, "kesehatan"):
        spent = str(1_000_000 * (quarter * 20 + more))
        row = {**place, "record": "budget", "sector": "kesehatan", "item": "Pagu"}
        rows.append({**row, "target": "100000000", "realised": spent})
        stage = {**place, "record": "stage", "sector": "kesehatan", "item": "planning"}
        rows.append({**stage, "unit": "kegiatan", "target": "10", "realised": str(quarter + more % 4)})
    return _csv(rows)


def served(region: str, period: str, service: str) -> int:
    """How many of 200 a region says that it served, at first."""
    codes = [one.service_code for one in _owed(region, period, None)]
    year, quarter = int(period[:4]), int(period[-1])
    number = sum(int(part) for part in region.split("."))
    # cumulative within the year, below the target, and not alike among regions, services and years
    return quarter * (20 + (7 * number + 3 * codes.index(service) + 5 * (year - 2019)) % 27)


def _owed(region: str, period: str, sector: str | None) -> list[Service]:
    tier = "regency_city" if "." in region else "province"
    owed = services_owed(tier, Period.parse(period))
    return [service for service in owed if sector in (None, service.sector_code)]


def press(region: str, period: str, index: str) -> bytes:
    """An index of the press, of the region as a whole."""
    return _csv([{"record": "published_index", "region": region, "period": period, "realised": index}])


def _csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
