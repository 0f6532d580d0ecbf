"""Services and indicators: who is entitled, unit, law, and over time how many regions reach what.

A subject is a service of the catalogue, a quality item of the catalogue, or an indicator of before 2019. Its
figures are published ones, the counts of regions, sums of what they reported, and quartiles, each of which is
the figure of one region.

Put here: those queries. Keep out: pages of regions (``cards``), looks (``templates/service.html``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipelines.registry.seeds import SeedRow, read_seed
from pipelines.reports.site.csv_files import csv_files_by
from pipelines.reports.site.rendering import Site
from pipelines.warehouse.release_tables import Row, grouped

MOST = 10
"""How many regions the lists of the highest and lowest show."""

_PLACES = """
select scores.region_code, scores.period, coalesce(scores.current_region_code, scores.region_code) as page,
    scores.region_name, scores.level, coalesce(regions.province_name, scores.province_name) as province_name
from mart_region_score as scores
left join dim_region as regions on scores.current_region_code = regions.region_code and regions.is_current
"""
_ITEMS = """
create temp table site_items as
select * from (values {rows}) as items(item, item_version, service_code)
"""
_NO_ITEMS = (
    "create temp table site_items as select '' as item, '' as item_version, '' as service_code where false"
)
# one row a region, quarter and subject; target and realised where the region reported one row of the subject
_EXPLORED = """
create temp table explored as
with told as (

    select
        region_code, period, service_code, component, item, item_version,
        if(count(*) = 1, any_value(unit), null) as unit,
        if(count(*) = 1, any_value(target), null) as target,
        if(count(*) = 1, any_value(realised), null) as realised,
        if(count(*) = 1, any_value(percent), null) as percent,
        if(count(*) = 1, any_value(status), null) as status,
        bool_or(is_doubtful) as is_doubtful
    from fct_indicator
    where source_ref is not null
    group by region_code, period, service_code, component, item, item_version

), recipients as (

    select region_code, period, service_code, unit, target, realised, is_doubtful
    from told
    where component = 'recipients'
    qualify count(*) over (partition by region_code, period, service_code) = 1

)

select
    scores.service_code as subject, scores.period, scores.region_code, scores.index as value, scores.status,
    recipients.unit, recipients.target, recipients.realised,
    coalesce(recipients.is_doubtful, false) as is_doubtful
from mart_service_score as scores
left join recipients
    on
        scores.region_code = recipients.region_code
        and scores.period = recipients.period
        and scores.service_code = recipients.service_code
union all by name
-- an item is owed where its service is; the quarters are those in which anybody reported the item
select
    items.item || '-v' || items.item_version as subject, owed.period, owed.region_code, told.percent as value,
    coalesce(told.status, if(owed.status = 'not_applicable', 'not_applicable', 'missing')) as status,
    told.unit, told.target, told.realised, coalesce(told.is_doubtful, false) as is_doubtful
from site_items as items
inner join mart_service_score as owed on items.service_code = owed.service_code
left join told
    on
        owed.region_code = told.region_code
        and owed.period = told.period
        and items.service_code = told.service_code
        and items.item = told.item
        and items.item_version = told.item_version
where (items.item, items.item_version, owed.period) in (
    select (item, item_version, period) from told where item is not null
)
union all by name
select
    indicator_code as subject, period, region_code, achieved_percent as value, status, null as unit,
    denominator as target, numerator as realised, coalesce(is_doubtful, false) as is_doubtful
from mart_legacy_attainment
qualify count(*) over (partition by region_code, period, indicator_code) = 1
"""
_TREND = """
select
    subject,
    period,
    count(*) filter (where status <> 'not_applicable') as owed,
    count(*) filter (where value is not null and status in ('reported', 'zero')) as reported,
    count(*) filter (where status = 'missing') as missing,
    count(*) filter (where status = 'not_applicable') as not_applicable,
    count(*) filter (where status = 'quarantined') as held_back,
    quantile_disc(value, 0.25) filter (where status in ('reported', 'zero')) as lower,
    quantile_disc(value, 0.5) filter (where status in ('reported', 'zero')) as middle,
    quantile_disc(value, 0.75) filter (where status in ('reported', 'zero')) as upper,
    min(value) filter (where status in ('reported', 'zero')) as lowest,
    max(value) filter (where status in ('reported', 'zero')) as highest
from explored
group by subject, period
order by subject, period
"""
# doubtful figures of people are in no sum, as in no mart
_SUMS = """
select
    subject, period, unit, count(*) as regions, sum(target) as target, sum(realised) as realised,
    count(*) filter (where is_doubtful) as doubtful,
    sum(target) filter (where not is_doubtful) as sure_target,
    sum(realised) filter (where not is_doubtful) as sure_realised
from explored
where unit is not null and target is not null and realised is not null
group by subject, period, unit
order by subject, period, regions desc, unit
"""
_NEWEST = """
newest as (

    select subject, coalesce(max(period) filter (where value is not null), max(period)) as period
    from explored
    group by subject

)
"""
_ENDS = f"""
with {_NEWEST}, ranked as (

    select
        explored.*, places.page, places.region_name, places.level, places.province_name,
        row_number() over (
            partition by explored.subject order by value desc, target desc nulls last, explored.region_code
        ) as from_top,
        row_number() over (
            partition by explored.subject
            order by value, greatest(target - realised, 0) desc nulls last, explored.region_code
        ) as from_bottom,
        count(*) over (partition by explored.subject, value) as alike
    from explored
    inner join newest on explored.subject = newest.subject and explored.period = newest.period
    inner join ({_PLACES}) as places
        on explored.region_code = places.region_code and explored.period = places.period
    where value is not null and status in ('reported', 'zero')

)

select * from ranked
where from_top <= {MOST} or from_bottom <= {MOST}
order by subject, from_top
"""
_ABSENT = f"""
with {_NEWEST}

select explored.subject, explored.status, places.page, places.region_name, places.province_name
from explored
inner join newest on explored.subject = newest.subject and explored.period = newest.period
inner join ({_PLACES}) as places
    on explored.region_code = places.region_code and explored.period = places.period
where explored.status in ('missing', 'quarantined')
order by explored.subject, explored.region_code
"""
_TABLE = f"""
select explored.subject, explored.period, explored.region_code, places.region_name, places.level,
    explored.status, explored.value, explored.unit, explored.target, explored.realised, explored.is_doubtful
from explored
inner join ({_PLACES}) as places
    on explored.region_code = places.region_code and explored.period = places.period
where explored.status <> 'missing' or explored.subject in (select service_code from dim_service)
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A service (``kind`` service), a quality item of one (item) or an indicator of before 2019 (legacy)."""

    code: str
    kind: str
    name_id: str
    name_en: str
    tier: str
    sector_code: str | None
    sector_name: str
    entitled: str | None
    legal_basis: str
    valid_from: str
    valid_to: str | None
    unit: str | None
    component: str | None = None
    service_code: str | None = None
    national_target: str | None = None


class Subjects:
    """The subjects of a release that anything is published of."""

    columns = (
        "subject", "period", "region_code", "region_name", "level", "status", "value", "unit", "target",
        "realised", "is_doubtful",
    )  # fmt: skip

    def __init__(self, site: Site) -> None:
        self._site, tables = site, site.tables
        self._sector_names = {row["sector_code"]: row["name_id"] for row in site.sectors}
        items = [*read_seed("quality_items")]
        rows = ", ".join(
            f"('{row['item_code']}', '{row['item_version']}', '{row['service_code']}')" for row in items
        )
        tables.execute(_ITEMS.format(rows=rows) if rows else _NO_ITEMS)
        tables.execute(_EXPLORED)
        self._trend = tables.by("subject", _TREND)
        self._sums = tables.by("subject", _SUMS)
        self._ends = tables.by("subject", _ENDS)
        self._absent = tables.by("subject", _ABSENT)
        self._items = items

    @cached_property
    def _all(self) -> dict[str, Subject]:
        services = self._site.tables.rows(
            "select * from dim_service order by tier desc, sort_order, service_code"
        )
        found = [self._service(row) for row in services]
        by_code = {one.code: one for one in found}
        found += [
            self._item(row, by_code[row["service_code"]])
            for row in self._items
            if row["service_code"] in by_code
        ]
        found += [_legacy(row) for row in read_seed("legacy_indicators")]
        return {one.code: one for one in found if one.code in self._trend}

    def all(self) -> list[Subject]:
        """All of them: services, their items, indicators of before 2019."""
        return list(self._all.values())

    def listed(self) -> dict[str, Any]:
        """What the list of services shows: services by tier with their newest figures, and the rest."""
        newest = {code: self._newest(code) for code in self._all}
        services = [one for one in self.all() if one.kind == "service"]
        return {
            "services": grouped([{"tier": one.tier, "one": one} for one in services], "tier"),
            "newest": newest,
            "legacy": [one for one in self.all() if one.kind == "legacy"],
        }

    def page(self, one: Subject) -> dict[str, Any]:
        """What the page of a subject is given."""
        newest = self._newest(one.code)
        ends = self._ends.get(one.code, [])
        return {
            "newest": newest,
            "trend": self._trend[one.code],
            "sums": [row for row in self._sums.get(one.code, []) if row["period"] == newest["period"]],
            "best": [row for row in ends if row["from_top"] <= MOST],
            "worst": sorted(
                (row for row in ends if row["from_bottom"] <= MOST), key=lambda row: int(row["from_bottom"])
            ),
            "absent": self._absent.get(one.code, []),
            "service": self._all.get(one.service_code or ""),
            "items": [each for each in self.all() if each.service_code == one.code],
            "newest_of": self._newest,
        }

    def files(self) -> dict[str, bytes]:
        """The file of each subject; only those of services say who is missing."""
        order = "period, region_code"
        return csv_files_by(
            self._site.tables, "subject", _TABLE, order, self.columns, is_demo=self._site.is_demo
        )

    def _newest(self, code: str) -> Row:
        rows = self._trend[code]
        return next((row for row in reversed(rows) if row["reported"]), rows[-1])

    def _service(self, row: Row) -> Subject:
        return Subject(
            row["service_code"], "service", row["name_id"], row["name_en"], row["tier"], row["sector_code"],
            self._sector_names[row["sector_code"]], row["recipients_id"], row["legal_basis"],
            row["valid_from_period"], row["valid_to_period"], None,
        )  # fmt: skip

    def _item(self, row: SeedRow, of: Subject) -> Subject:
        return Subject(
            f"{row['item_code']}-v{row['item_version']}", "item", row["name_id"], "", of.tier, of.sector_code,
            of.sector_name, of.entitled, of.legal_basis, row["valid_from_period"],
            row.optional("valid_to_period"), row.optional("unit"), row["component"], of.code,
        )  # fmt: skip


def _legacy(row: SeedRow) -> Subject:
    return Subject(
        row["indicator_code"], "legacy", row["name_id"], "", row["tier"], None, row["sector_name_id"],
        row.optional("denominator_id"), row["legal_basis"], row["valid_from_period"],
        row.optional("valid_to_period"), None, national_target=row.optional("national_target_percent"),
    )  # fmt: skip
