with

indexes as (

    select
        *,
        cast((100 - index) * 1000000 as bigint) as lost,
        count(index) over (partition by region_code, period) as shares
    from marts.mart_sector_score

),

ranked as (

    select
        sectors.region_code,
        sectors.period,
        sectors.sector_code,
        rank() over (
            partition by sectors.period, sectors.sector_code, scores.level
            order by sectors.index desc
        ) as sector_rank_national,
        count(*) over (partition by sectors.period, sectors.sector_code, scores.level) as sector_n_national
    from marts.mart_sector_score as sectors
    inner join marts.mart_region_score as scores
        on sectors.region_code = scores.region_code
        and sectors.period = scores.period
    where scores.is_ranked and sectors.index is not null

),

budgets as (

    select
        region_code,
        period,
        sector_code,
        sum(allocated_idr) as allocated_idr,
        sum(spent_idr) as spent_idr
    from marts.mart_budget
    group by region_code, period, sector_code

)

select
    own.region_code,
    own.current_region_code,
    scores.region_name,
    scores.level,
    levels.label_id as level_name_id,
    levels.label_en as level_name_en,
    scores.province_code,
    scores.province_name,
    regions.island_group,
    regions.island_group_name_id,
    regions.island_group_name_en,

    own.period,
    periods.year,
    periods.quarter,
    periods.quarter_start,
    periods.quarter_end,
    periods.is_latest,
    scores.is_interim,
    scores.is_ranked,

    own.sector_code,
    sectors.name_id as sector_name_id,
    sectors.name_en as sector_name_en,
    sectors.sort_order as sector_order,
    cast(own.index as decimal(9, 6)) as index,
    cast(own.index_reported as decimal(9, 6)) as index_reported,
    -- what the sector takes from the index of the region; in whole numbers, so that every engine rounds alike
    cast(
        cast(
            (2 * own.lost + own.shares - (2 * own.lost + own.shares) % (2 * own.shares)) / (2 * own.shares) as bigint
        ) * 0.000001 as decimal(9, 6)
    ) as points_lost,
    own.basis,
    own.services_owed,
    own.services_reported,
    own.services_not_applicable,
    cast(ranked.sector_rank_national as integer) as sector_rank_national,
    cast(ranked.sector_n_national as integer) as sector_n_national,
    cast(peers.peer_median as decimal(9, 6)) as peer_median,
    cast(peers.difference_from_median as decimal(9, 6)) as difference_from_median,
    peers.n_peers,
    cast(budgets.allocated_idr as decimal(28, 2)) as allocated_idr,
    cast(budgets.spent_idr as decimal(28, 2)) as spent_idr
from indexes as own
left join marts.mart_region_score as scores
    on own.region_code = scores.region_code
    and own.period = scores.period
inner join bi.period as periods
    on own.period = periods.period
left join marts.dim_current_region as regions
    on own.current_region_code = regions.current_region_code
left join marts.dim_code as levels
    on scores.level = levels.code
    and levels.field = 'level'
inner join marts.dim_sector as sectors
    on own.sector_code = sectors.sector_code
left join ranked
    on own.region_code = ranked.region_code
    and own.period = ranked.period
    and own.sector_code = ranked.sector_code
left join marts.mart_peer as peers
    on own.region_code = peers.region_code
    and own.period = peers.period
    and own.sector_code = peers.sector_code
left join budgets
    on own.region_code = budgets.region_code
    and own.period = budgets.period
    and own.sector_code = budgets.sector_code
