"""What the current release holds of one region: the rows that were accepted from it, as a form needs them.

Put here: asking the release. Keep out: what a form makes of them (``form_rows``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from pipelines.publish.releases import Releases
from pipelines.registry import catalogue
from pipelines.registry.periods import Period
from pipelines.registry.regions import current_code
from pipelines.warehouse.parquet import read

# a region keeps its history when its code changes; null values of a row that is not applicable were said
# in words; a fact without a submission is a row that never came
_QUERY = """
with facts as (
    select 'achievement' as record, current_region_code, period, sector_code, service_code, component, item,
        unit, target, realised, status, null as note, submission_id
    from {fct_indicator}
    union all
    select 'budget', current_region_code, period, sector_code, service_code, null, item,
        'rupiah', allocated_idr, spent_idr, status, note, submission_id
    from {fct_budget}
    union all
    select record, current_region_code, period, sector_code, null, null, stage,
        unit, target, realised, status, note, submission_id
    from {fct_stage}
    union all
    select 'problem', current_region_code, period, sector_code, service_code, null, category,
        null, null, null, null, problem, submission_id
    from {fct_problem}
)
select record, coalesce(sector_code, ''), coalesce(service_code, ''), coalesce(component, ''),
    coalesce(item, ''), period, coalesce(unit, ''), target, realised, status, coalesce(note, '')
from facts
where current_region_code = $region_code and submission_id is not null
    and (period = $period or (period < $period and record in ('achievement', 'budget')))
order by all
"""
_TABLES = ("fct_indicator", "fct_budget", "fct_stage", "fct_problem")
NOBODY_OWED = "tidak ada"
"""The target of a row that does not apply, as the form's guide has it."""
NOT_KNOWN = "na"
"""The result of a row that is owed and not known: a cell left blank would say nothing."""
_OWED = ("achievement", "budget", "stage")


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """One accepted row: its input columns, and when. Values are plain texts, exact; no value is empty."""

    record: str
    sector: str
    service: str
    component: str
    item: str
    item_version: str
    period: Period
    unit: str
    target: str
    realised: str
    note: str

    @property
    def key(self) -> tuple[str, ...]:
        """What the row is about; a code means another item in the next version of the catalogue."""
        return self.record, self.sector, self.service, self.component, self.item, self.item_version


def accepted_rows(published: Path, region_code: str, period: Period) -> list[AcceptedRow]:
    """The accepted rows of a region for ``period``, and those of achievement and budget before it.

    Ordered by what they are about, the latest last; none without a release.
    """
    releases = Releases(published)
    if (current := releases.current()) is None:
        return []
    folder = releases.folder(current.release_id)
    query = _QUERY.format(**{table: read(folder / f"{table}.parquet") for table in _TABLES})
    with duckdb.connect() as connection:
        values = {"region_code": current_code(region_code), "period": str(period)}
        found = connection.execute(query, values).fetchall()
    return [
        AcceptedRow(
            record,
            sector,
            service,
            component,
            item,
            _item_version(service, item, Period.parse(when)),
            Period.parse(when),
            unit,
            _target(target, status),
            NOT_KNOWN if record in _OWED and status == "missing" and realised is None else _plain(realised),
            note,
        )
        for record, sector, service, component, item, when, unit, target, realised, status, note in found
    ]


def _item_version(service: str, item: str, period: Period) -> str:
    """The version of the catalogue that an item's code is of; empty for an item of the region's own."""
    known = catalogue.quality_items(service, period) if service and item else ()
    return next((one.item_version for one in known if one.item_code == item), "")


def _target(target: Decimal | None, status: str | None) -> str:
    return NOBODY_OWED if target is None and status == "not_applicable" else _plain(target)


def _plain(number: Decimal | None) -> str:
    """An exact number without the zeros that a DECIMAL carries."""
    text = "" if number is None else f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
