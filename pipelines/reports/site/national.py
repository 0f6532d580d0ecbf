"""What the national page and the pages of provinces hold.

Put here: those queries. Keep out: report cards (``cards``), league tables (``leagues``), how pages look
(``templates/``).
"""

from __future__ import annotations

from pipelines.registry.codes import codes_of
from pipelines.warehouse.release_tables import ReleaseTables, Row, grouped

NO_INDEX, OTHER_BAND = 7, 8
"""Places after those of the known bands: of regions without an index, of a band that no colour means."""
_LATEST = """
select coalesce(max(period) filter (where index is not null), max(period)) as period from mart_region_score
"""
_SCOPES = """
select
    own.*,
    dim_sector.name_id,
    dim_sector.name_en,
    dim_sector.sort_order,
    dim_band.name_id as band_name,
    made_of.basis
from mart_national_score as own
left join (
    -- a quarter that has figures of the press alone
    select period, if(bool_and(basis = 'published'), 'published', 'submitted') as basis
    from mart_region_score
    where index is not null
    group by period
) as made_of
    on own.period = made_of.period
left join dim_sector on own.scope = dim_sector.sector_code
left join dim_band on own.method_version = dim_band.method_version and own.band_code = dim_band.band_code
order by own.period, dim_sector.sort_order nulls first,
    list_position(['national', 'province', 'regency_city'], own.scope), own.scope
"""
_BANDS = """
select
    dim_band.*,
    dim_band.method_version is not distinct from dim_period.method_version as is_of_period
from dim_band
left join dim_period on dim_period.period = $period
order by dim_band.method_version, lower_bound desc
"""
_BAND_COUNTS = """
select
    scores.period,
    coalesce(scores.band_name, 'Tanpa indeks') as band_name,
    scores.band_code,
    count(*) as regions
from mart_region_score as scores
where scores.period in (select period from mart_national_score)
group by all
order by scores.period, band_name, scores.band_code
"""
_COMPLIANCE = """
select own.*
from mart_compliance_summary as own
where own.period = $period
order by own.province_code, list_position(['province', 'regency', 'city'], own.level), own.level
"""
_PROVINCES = """
select
    page_province_code as province_code,
    max(page_province_name) as province_name,
    -- the government itself, where it owes a report
    max(page) filter (where level = 'province') as page
from cards
group by page_province_code
order by page_province_code
"""


_REPORTING = """
select reporting.period, reporting.reporting_status, count(*) as regions
from reporting
group by all
order by all
"""


def reporting_counts(tables: ReleaseTables) -> dict[str, dict[str, int]]:
    """How many regions of each quarter reported what; needs the table ``reporting``."""
    found: dict[str, dict[str, int]] = {}
    for row in tables.rows(_REPORTING):
        found.setdefault(row["period"], {})[row["reporting_status"]] = row["regions"]
    return found


def latest_period(tables: ReleaseTables) -> str:
    """The release's last quarter with an index, or its last quarter where none has one."""
    found = tables.row(_LATEST)
    assert found is not None
    return str(found["period"])


def scopes_by_period(tables: ReleaseTables) -> dict[str, list[Row]]:
    """The rows of ``mart_national_score`` of each period: the nation, the tiers, the sectors."""
    return tables.by("period", _SCOPES)


def bands(tables: ReleaseTables, period: str) -> list[Row]:
    """The bands of every method, the highest first; ``place`` says in which colour each is shown.

    ``is_of_period`` are those of the method that scores ``period``.
    """
    return [row | {"place": place_of(row["band_code"])} for row in tables.rows(_BANDS, period=period)]


def place_of(band_code: str | None) -> int:
    """The colour of a band by what it means (``b1`` …), never by how many bands a method has above it."""
    if band_code is None:
        return NO_INDEX
    known = codes_of("band_code").get(band_code)
    return known.sort_order if known else OTHER_BAND


def bands_by_method(rows: list[Row]) -> dict[str, list[Row]]:
    """The bands of each method, in their order."""
    return grouped(rows, "method_version")


def band_counts(tables: ReleaseTables) -> list[Row]:
    """How many regions stand in each band, a quarter each; those without an index as well."""
    rows = [row | {"place": place_of(row["band_code"])} for row in tables.rows(_BAND_COUNTS)]
    return sorted(rows, key=lambda row: (row["period"], row["place"], row["band_name"]))


def compliance(tables: ReleaseTables, period: str) -> dict[str, list[Row]]:
    """The rows of ``mart_compliance_summary`` of a quarter, by province."""
    return tables.by("province_code", _COMPLIANCE, period=period)


def provinces(tables: ReleaseTables) -> list[Row]:
    """Every province that has a report card in it; needs the table ``cards``."""
    return tables.rows(_PROVINCES)
