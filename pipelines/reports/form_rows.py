"""The rows of a region's form before anybody fills it in: all that is owed, and what was accepted of it.

A form for a period that has accepted values is a revision, and a revision replaces all that was said of a
sector: so it starts from all of that. A form for a later quarter of a year starts from the year's targets.

Put here: which rows, and what stands in them. Keep out: cells (``form``), the release (``accepted_rows``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pipelines.registry import catalogue
from pipelines.registry.periods import Period
from pipelines.reports.accepted_rows import NOBODY_OWED, AcceptedRow
from pipelines.reports.form import Row

STAGES = ("data_collection", "needs_calculation", "planning", "implementation")
_KEYED = ("achievement", "budget", "stage")
_KEY = ("record", "sector", "service", "component", "item", "item_version")


def owed_rows(tier: str, period: Period) -> list[dict[str, str]]:
    """Rows with empty values: each service owed, its quality items, its budget, each sector's four stages."""
    services = catalogue.services_owed(tier, period)
    rows: list[dict[str, str]] = []
    for service in services:
        keys = {"sector": service.sector_code, "service": service.service_code}
        rows.append({"record": "achievement", **keys, "component": "recipients"})
        rows += [
            {
                "record": "achievement",
                **keys,
                "component": item.component,
                "item": item.item_code,
                "item_version": item.item_version,
                "unit": item.unit,
            }
            for item in catalogue.quality_items(service.service_code, period)
        ]
    rows += [
        {"record": "budget", "sector": s.sector_code, "service": s.service_code, "unit": "rupiah"}
        for s in services
    ]
    for sector in dict.fromkeys(service.sector_code for service in services):
        rows += [{"record": "stage", "sector": sector, "item": stage, "unit": "percent"} for stage in STAGES]
    return rows


def prefilled_rows(tier: str, period: Period, accepted: Sequence[AcceptedRow]) -> list[Row]:
    """The rows owed, then the region's own rows, with the values that ``accepted`` gives them.

    ``accepted`` is as ``accepted_rows`` gives it. Values of the same period fill Target and Realisasi; an
    earlier quarter of the same year fills Target alone. ``last_target``, ``last_realised`` and
    ``last_period`` are those of the latest row with a value, of any year.
    """
    owed = owed_rows(tier, period)
    by_key: dict[tuple[str, ...], list[AcceptedRow]] = defaultdict(list)
    for row in accepted:
        by_key[row.key].append(row)
    return [
        *({**row, **_values(row, by_key[_key(row)], period)} for row in [*owed, *_own_rows(owed, accepted)]),
        *(_as_row(row) for row in accepted if row.record not in _KEYED),
    ]


def _own_rows(owed: Sequence[dict[str, str]], accepted: Sequence[AcceptedRow]) -> list[dict[str, str]]:
    """What the region reports beyond what is owed, such as items of its own: as its sector last had it."""
    known = {_key(row) for row in owed}
    services = {row.get("service", "") for row in owed}
    latest: dict[str, Period] = {}
    for row in accepted:
        latest[row.sector] = max(row.period, latest.get(row.sector, row.period))
    return [
        dict(zip(_KEY, row.key, strict=True))
        for row in accepted
        if row.record in _KEYED
        and row.key not in known
        and not row.item_version  # an item of the catalogue that has ended
        and row.service in services
        and row.period == latest[row.sector]
    ]


def _values(row: dict[str, str], accepted: Sequence[AcceptedRow], period: Period) -> dict[str, str]:
    """What ``accepted``, the rows about the same thing in order of time, put into a row of the form."""
    values: dict[str, str] = {}
    if accepted:
        is_own = accepted[-1].period == period
        values["unit"] = accepted[-1].unit if is_own else row.get("unit") or accepted[-1].unit
        values["note"] = accepted[-1].note if is_own else ""
    told = [each for each in accepted if each.target or each.realised]
    if told:
        last = told[-1]
        values |= {
            "last_target": last.target,
            "last_realised": last.realised,
            "last_period": str(last.period),
        }
        if last.period == period:
            values |= {"target": last.target, "realised": last.realised}
        else:
            of_year = [each.target for each in told if each.target and each.period.year == period.year]
            # that nobody is owed is said each quarter anew: it is an answer, and a form has none of its own
            values["target"] = of_year[-1] if of_year and of_year[-1] not in (NOBODY_OWED, "0") else ""
    return values


def _as_row(row: AcceptedRow) -> Row:
    values = {"unit": row.unit, "target": row.target, "realised": row.realised, "note": row.note}
    return {**dict(zip(_KEY, row.key, strict=True)), **values}


def _key(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row.get(field, "") for field in _KEY)
