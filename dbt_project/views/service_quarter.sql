with

sector_shares as (

    select
        region_code,
        period,
        count(index) as sector_shares
    from marts.mart_sector_score
    group by region_code, period

),

indexes as (

    select
        services.*,
        cast((100 - services.index) * 1000000 as bigint) as lost,
        count(services.index) over (partition by services.region_code, services.period, services.sector_code)
        * sector_shares.sector_shares as shares
    from marts.mart_service_score as services
    inner join sector_shares
        on services.region_code = sector_shares.region_code
        and services.period = sector_shares.period

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
    own.service_code,
    services.name_id as service_name_id,
    services.name_en as service_name_en,
    services.sort_order as service_order,
    services.tier,
    cast(own.index as decimal(9, 6)) as index,
    cast(own.index_reported as decimal(9, 6)) as index_reported,
    cast(own.recipients_index as decimal(9, 6)) as recipients_index,
    cast(own.quality_index as decimal(9, 6)) as quality_index,
    -- what the service takes from the index of the region; in whole numbers, so that every engine rounds alike
    cast(
        case
            when own.shares > 0
                then
                    cast(
                        (2 * own.lost + own.shares - (2 * own.lost + own.shares) % (2 * own.shares)) / (2 * own.shares)
                        as bigint
                    ) * 0.000001
        end as decimal(9, 6)
    ) as points_lost,
    own.status,
    statuses.label_id as status_name_id,
    statuses.label_en as status_name_en,
    own.items_owed,
    own.items_reported
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
inner join marts.dim_service as services
    on own.service_code = services.service_code
left join marts.dim_code as statuses
    on own.status = statuses.code
    and statuses.field = 'status'
