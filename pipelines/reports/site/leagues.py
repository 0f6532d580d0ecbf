"""The league tables: every quarter, over the whole index or one sector, a level each.

The order of a sector counts the regions that the league of their level ranks: figures of the press and
regions with too little reported are listed below, without a rank.

Put here: those queries, and which columns their files have. Keep out: how pages look (``templates/``).
"""

from __future__ import annotations

from pipelines.warehouse.release_tables import ReleaseTables, Row

_PLACES = """
select
    scores.region_code,
    coalesce(scores.current_region_code, scores.region_code) as page,
    coalesce(regions.province_code, scores.province_code) as page_province_code
from mart_region_score as scores
left join dim_region as regions on scores.current_region_code = regions.region_code and regions.is_current
where scores.period = $period
"""
_WHOLE = f"""
select
    scores.*,
    places.page,
    places.page_province_code,
    reporting.reporting_status,
    compliance.timeliness,
    stability.is_tied,
    stability.rank_best,
    stability.rank_worst
from mart_region_score as scores
inner join ({_PLACES}) as places on scores.region_code = places.region_code
left join reporting on scores.region_code = reporting.region_code and scores.period = reporting.period
left join mart_compliance as compliance
    on scores.region_code = compliance.region_code and scores.period = compliance.period
left join mart_rank_stability as stability
    on scores.region_code = stability.region_code and scores.period = stability.period
where scores.period = $period
order by scores.level, scores.rank_national nulls last, scores.index desc nulls last, scores.region_code
"""
_SECTOR = f"""
with judged as (

    select
        scores.region_code,
        scores.region_name,
        scores.level,
        scores.province_code,
        scores.period,
        scores.index_display,
        scores.is_ranked and own.basis = 'submitted' and own.index is not null as is_in_order,
        scores.rank_national,
        scores.n_national,
        own.sector_code,
        own.index,
        own.services_reported,
        own.services_owed,
        own.services_not_applicable,
        own.basis,
        own.method_version,
        places.page,
        places.page_province_code,
        reporting.reporting_status,
        peers.peer_median
    from mart_region_score as scores
    inner join ({_PLACES}) as places on scores.region_code = places.region_code
    left join mart_sector_score as own
        on scores.region_code = own.region_code and scores.period = own.period and own.sector_code = $sector
    left join mart_peer as peers
        on
            scores.region_code = peers.region_code
            and scores.period = peers.period
            and peers.sector_code = $sector
    left join reporting on scores.region_code = reporting.region_code and scores.period = reporting.period
    where scores.period = $period

)

select
    *,
    case
        when is_in_order
            then rank() over (partition by level, coalesce(is_in_order, false) order by index desc)
    end as rank_sector,
    count(*) filter (where is_in_order) over (partition by level) as n_sector
from judged
order by level, rank_sector nulls last, index desc nulls last, region_code
"""
WHOLE_COLUMNS = (
    "period", "level", "region_code", "region_name", "province_code", "province_name", "index",
    "index_display", "band_code", "rank_national", "n_national", "rank_best", "rank_worst", "is_tied",
    "is_ranked", "change_from_previous_period", "completeness", "basis", "reporting_status",
)  # fmt: skip
SECTOR_COLUMNS = (
    "period", "level", "region_code", "region_name", "province_code", "sector_code", "index",
    "rank_sector", "n_sector", "services_reported", "services_owed", "services_not_applicable", "peer_median",
    "basis", "reporting_status",
)  # fmt: skip
_LEVELS = ("province", "city", "regency")


def league(tables: ReleaseTables, period: str) -> dict[str, list[Row]]:
    """The regions of a quarter by level, in the order of their rank."""
    return _by_level(tables.by("level", _WHOLE, period=period))


def sector_league(tables: ReleaseTables, period: str, sector: str) -> dict[str, list[Row]]:
    """The regions of a quarter by level, in the order of one sector's index."""
    return _by_level(tables.by("level", _SECTOR, period=period, sector=sector))


def flat(found: dict[str, list[Row]]) -> list[Row]:
    """All levels, one after the other."""
    return [row for rows in found.values() for row in rows]


def _by_level(found: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {level: found[level] for level in _LEVELS if level in found}
