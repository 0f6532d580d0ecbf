"""Errors that are a row too many: repeats, contradictions, junk, services that are not owed, sums.

Source: what was seen in real submissions; rules of ``rules.csv``. The true rows stay beside them.

Put here: kinds that put in a row. Keep out: kinds that change one (``row_errors``).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from pipelines.registry import catalogue
from spm_sample.notation import VALUES
from spm_sample.planting import Draft, Kind, Planting
from spm_sample.rows import Row, row


def _added(
    name: str, rule_id: str, change: Callable[[Draft, Row], dict[str, str]]
) -> Callable[[Draft], list[Planting]]:
    """A kind that puts a changed copy behind a true row."""

    def plant(draft: Draft) -> list[Planting]:
        chosen = draft.choose(lambda true, target, realised: 1 <= realised < target)
        if chosen is None:
            return []
        changed = change(draft, chosen)
        new = draft.insert({**chosen, **changed}, after=chosen)
        return [Planting(name, rule_id, new, None, next(iter(changed.values()), new["service"]))]

    return plant


def plant_contradicting_row(draft: Draft) -> list[Planting]:
    """Two rows about one thing with two values: neither can be used."""
    chosen = draft.choose(lambda true, target, realised: 1 <= realised < target)
    if chosen is None:
        return []
    other = draft.text((draft.value(chosen, "realised") or Decimal(0)) + 1)
    new = draft.insert({**chosen, "realised": other}, after=chosen)
    return [Planting("contradicting_row", "DUP-002", each, None, each["realised"]) for each in (chosen, new)]


def plant_repeated_row(draft: Draft) -> list[Planting]:
    """The same row twice: the first stands, the second is set aside."""
    chosen = draft.choose(lambda true, target, realised: target > 0 and realised > 0)
    if chosen is None:
        return []
    new = draft.insert(dict(chosen), after=chosen)
    return [Planting("repeated_row", "DUP-001", new, None, new["realised"])]


def plant_totals_row(draft: Draft) -> list[Planting]:
    """A row of sums below a table: layout, no data."""
    sector = next((true["sector"] for true in draft.free_rows("achievement")), None)
    if sector is None:
        return []
    own = [
        true for true in draft.document.rows if true["record"] == "achievement" and true["sector"] == sector
    ]
    sums = {
        column: draft.text(sum((draft.value(true, column) or Decimal(0)) for true in own))
        for column in VALUES
    }
    new = draft.insert(row("achievement", sector=sector, service="Jumlah", **sums), after=own[-1])
    return [Planting("totals_row", "", new, None, "Jumlah")]


def plant_personal_data(draft: Draft) -> list[Planting]:
    """A person's identity number and telephone in a problem; no region issues numbers that begin with 99."""
    if not any(draft.free_rows("stage")):
        return []
    note = "Keluhan warga NIK 9999991708450001, HP 0800-0000-0000, belum ditindaklanjuti."
    new = draft.insert(row("problem", sector="sosial", item="data", note=note))
    return [Planting("personal_data", "PII-001", new, None, note)]


def _other_tier(draft: Draft, true: Row) -> dict[str, str]:
    tier = draft.document.region.tier
    other = next(s for s in catalogue.services() if s.tier != tier and s.sector_code == true["sector"])
    return {"service": other.service_code, "component": "recipients", "item": ""}


def _junk(draft: Draft, true: Row) -> dict[str, str]:
    return {"item": "a", "component": "goods_services", "unit": "Unit", "target": "100", "realised": "100"}


def _fraction(draft: Draft, true: Row) -> dict[str, str]:
    return {
        "realised": draft.text("0.985"),
        "target": "100",
        "unit": "percent",
        "component": "procedures",
        "item": "Persentase layanan yang memenuhi standar",
    }


def plant_percent_as_fraction(draft: Draft) -> list[Planting]:
    """A percent of 100 that was reached to 0.985: 98.5 was meant."""
    planted = _added("percent_as_fraction", "VAL-007", _fraction)(draft)
    return [Planting(one.kind, one.rule_id, one.row, "realised", one.text) for one in planted]


def _plan(draft: Draft, true: Row) -> dict[str, str]:
    return _fraction(draft, true) | {"target": "75", "realised": "68"}


def plant_percent_target(draft: Draft) -> list[Planting]:
    """A target of 75 %: what the region plans, not what the standard asks."""
    planted = _added("percent_target", "NUM-009", _plan)(draft)
    return [Planting(one.kind, one.rule_id, one.row, "target", "75") for one in planted]


ADDED_ROW_KINDS = (
    Kind(
        "junk_item",
        "row",
        "ITM-001",
        "item 'a' with target 100 beside the true ones",
        _added("junk_item", "ITM-001", _junk),
    ),
    Kind("repeated_row", "row", "DUP-001", "the same row twice", plant_repeated_row),
    Kind(
        "contradicting_row", "row", "DUP-002", "two rows about one thing, two values", plant_contradicting_row
    ),
    Kind(
        "wrong_level_service",
        "row",
        "SVC-002",
        "a service of the other tier",
        _added("wrong_level_service", "SVC-002", _other_tier),
    ),
    Kind(
        "unknown_service",
        "row",
        "SVC-001",
        "a service code that does not exist",
        _added("unknown_service", "SVC-001", lambda draft, true: {"service": "X-SPM-99"}),
    ),
    Kind("percent_as_fraction", "row", "VAL-007", "0.985 of 100 percent", plant_percent_as_fraction),
    Kind("percent_target", "row", "NUM-009", "a target of 75 percent", plant_percent_target, is_rare=True),
    Kind("totals_row", "row", "", "a row 'Jumlah' below a table: layout", plant_totals_row, ("workbook",)),
    Kind("personal_data", "row", "PII-001", "NIK and telephone in a problem", plant_personal_data),
)
"""The kinds that put in a row, mostly behind the true one."""
