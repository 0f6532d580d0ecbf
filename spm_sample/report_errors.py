"""Errors of whole reports that show in comparison: left out, backdated, told otherwise by the province.

Source: what reviewers of real submissions catch by hand; ``int_rules__receipts``. They see rows in
plain notation: it is changed after them.

Put here: kinds that touch a whole report. Keep out: reports that cannot be read (``document_errors``).
"""

from __future__ import annotations

import copy
from datetime import timedelta

from pipelines.registry.windows import window_of
from spm_sample.planting import Draft, Kind, Planting
from spm_sample.rows import Row, row

KEPT_SECTOR = "sosial"
"""The one sector that is left; all others are more than half of the services of either tier."""


def plant_sectors_left_out(draft: Draft) -> list[Planting]:
    """One sector alone reports, after a quarter in which all did."""
    results = [each for each in draft.document.rows if each["record"] == "achievement"]
    if len(draft.previous) < len(results) * 9 / 10:
        return []
    draft.document.rows = [
        each
        for each in draft.document.rows
        if each["record"] != "achievement" or each["sector"] == KEPT_SECTOR
    ]
    first = draft.document.rows[0]
    draft.touched.add(id(first))
    return [Planting("sectors_left_out", "OUT-003", first)]


def plant_backdated(draft: Draft) -> list[Planting]:
    """Sent weeks after the window closed, and signed with a day within it."""
    closed = window_of(draft.document.period).ends_at
    draft.document.received_at = closed + timedelta(days=int(draft.rng.integers(10, 60)))
    signed = (closed - timedelta(days=2)).isoformat(timespec="seconds")
    for each in draft.document.rows:
        each["submitted_at"] = signed
    first = draft.document.rows[0]
    draft.touched.add(id(first))
    return [Planting("backdated", "TIM-003", first, None, signed)]


def plant_province_differs(draft: Draft) -> list[Planting]:
    """The province's extract came first and says another number; its own row in it cannot be read."""
    region = draft.document.region
    large = [each for each in draft.document.rows if each["component"] == "recipients" and _is_large(each)]
    if region.level == "province" or not large:
        return []
    # a service of its own: what a province tells of one service is added up over its regencies
    told = large[int(draft.rng.integers(len(large)))]
    extract = copy.copy(draft.document)
    extract.kind, extract.suffix = "csv", "_provinsi"
    extract.received_at = draft.document.received_at - timedelta(hours=1)
    extract.formulas, extract.kept_fields, extract.copies = {}, {}, []
    other = {**told, "region": region.region_code, "realised": str(int(told["realised"]) * 9 // 10)}
    own = {"sector": KEPT_SECTOR, "service": "P-SOS-01", "component": "recipients"}
    unreadable = row("achievement", region=region.province_code, **own, target="menyusul", realised="1")
    extract.rows, extract.is_indonesian = [other, unreadable], False
    draft.more.append(extract)
    draft.touched.add(id(told))
    return [
        Planting("province_differs", "RECON-003", other, "realised", other["realised"]),
        Planting("province_differs", "NUM-001", unreadable, "target", "menyusul"),
    ]


def _is_large(each: Row) -> bool:
    return each["realised"].isdigit() and int(each["realised"]) > 100


REPORT_KINDS = (
    Kind("sectors_left_out", "document", "OUT-003", "one sector alone reports", plant_sectors_left_out),
    Kind("backdated", "document", "TIM-003", "late, and signed within the window", plant_backdated, ("csv",)),
    Kind(
        "province_differs",
        "document",
        "RECON-003",
        "the province's extract says another number",
        plant_province_differs,
    ),
)
"""The kinds that touch a report, at most one of the kinds for documents each."""
