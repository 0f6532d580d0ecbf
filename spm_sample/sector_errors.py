"""Errors for which a sector of one document is held back as a whole, and times of sending that cannot be.

Source: ``int_rules__submission_sectors`` and ``int_rules__receipts``. Rare: a national set has none of them
unless they are named. They see rows in plain notation: it is changed after them.

Put here: rare kinds that touch a sector or all rows. Keep out: the common ones (``report_errors``).
"""

from __future__ import annotations

import copy
from datetime import timedelta

from pipelines.registry.windows import window_of
from spm_sample.planting import Draft, Kind, Planting
from spm_sample.rows import Row, row

LARGEST_SECTOR = "kesehatan"
ROWS_HELD = 48
"""So many rows that cannot be read are more than three quarters of a sector, with its budget and stages."""
ROWS_SWAPPED = 12
NOT_A_NUMBER = "belum direkap"


def plant_sector_unreadable(draft: Draft) -> list[Planting]:
    """Words in nearly every row of a sector: each is held back, and with them what could be read."""
    rows = draft.document.rows
    own = [each for each in rows if each["record"] == "achievement" and each["sector"] == LARGEST_SECTOR]
    if draft.document.region.level == "province" or not own:
        return []
    at = rows.index(own[-1]) + 1
    own_service = {name: own[-1][name] for name in ("sector", "service")}
    more = [
        row("achievement", **own_service, component="goods_services", item=f"Alat {number}", target="10")
        for number in range(1, ROWS_HELD + 1 - len(own))
    ]
    rows[at:at] = more
    for each in [*own, *more]:
        each["realised"] = NOT_A_NUMBER
    draft.touch_sector(LARGEST_SECTOR)
    kind = "sector_unreadable"
    held = [Planting(kind, "NUM-001", each, "realised", NOT_A_NUMBER) for each in [*own, *more]]
    return [Planting(kind, "SUB-001", own[0], None, own[0]["service"]), *held]


def plant_columns_swapped(draft: Draft) -> list[Planting]:
    """A sector sent again with target and realised in each other's column."""
    sectors: dict[str, list[Row]] = {}
    for each in draft.document.rows:
        if each["record"] == "achievement" and 0 < int(each["realised"]) < int(each["target"]):
            sectors.setdefault(each["sector"], []).append(each)
    large = sorted(sector for sector, rows in sectors.items() if len(rows) >= ROWS_SWAPPED)
    if not large:
        return []
    sector = large[int(draft.rng.integers(len(large)))]
    later = copy.copy(draft.document)
    later.rows = [
        {**each, "target": each["realised"], "realised": each["target"]} for each in sectors[sector]
    ]
    later.suffix = "_perbaikan"
    last = window_of(draft.document.period).ends_at
    later.received_at = max(draft.document.received_at + timedelta(hours=1), last - timedelta(hours=2))
    later.formulas, later.kept_fields, later.copies = {}, {}, []
    draft.more.append(later)
    draft.touch_sector(sector)
    return [Planting("columns_swapped", "SUB-002", later.rows[0], None, later.rows[0]["service"])]


def _signed(draft: Draft, kind: str, moved: timedelta) -> list[Planting]:
    """Every row says that it was sent so long after the receipt."""
    signed = (draft.document.received_at + moved).isoformat(timespec="seconds")
    for each in draft.document.rows:
        each["submitted_at"] = signed
    first = draft.document.rows[0]
    draft.touched.add(id(first))
    return [Planting(kind, "TIM-003", first, None, signed)]


def plant_sent_ahead(draft: Draft) -> list[Planting]:
    """Sent days after it was received: a clock that is wrong, and decides nothing."""
    return _signed(draft, "sent_ahead", timedelta(days=int(draft.rng.integers(3, 30))))


def plant_sent_early(draft: Draft) -> list[Planting]:
    """Sent a month before the quarter ended, whose numbers it tells."""
    ended = window_of(draft.document.period).ends_at.date() - draft.document.period.ends_on
    return _signed(draft, "sent_early", -timedelta(days=ended.days + 40))


SECTOR_KINDS = (
    Kind(
        "sector_unreadable",
        "document",
        "SUB-001",
        "words in nearly every row of a sector",
        plant_sector_unreadable,
        is_rare=True,
    ),
    Kind(
        "columns_swapped",
        "document",
        "SUB-002",
        "a sector sent again, columns swapped",
        plant_columns_swapped,
        is_rare=True,
    ),
    Kind(
        "sent_ahead",
        "document",
        "TIM-003",
        "sent after its receipt",
        plant_sent_ahead,
        ("csv",),
        is_rare=True,
    ),
    Kind(
        "sent_early",
        "document",
        "TIM-003",
        "sent before the quarter's end",
        plant_sent_early,
        ("csv",),
        is_rare=True,
    ),
)
"""The rare kinds that touch a sector or a report."""
