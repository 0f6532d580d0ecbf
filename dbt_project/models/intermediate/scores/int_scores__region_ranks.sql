with

regions as (

    select * from {{ ref('int_scores__regions') }}

),

methods as (

    select * from {{ ref('int_methods__bounds') }}

),

-- ranks on the exact index; ties share the lowest rank
ranked as (

    select
        region_code,
        period,
        rank() over (partition by period, level order by index_settled desc) as rank_national,
        count(*) over (partition by period, level, index_settled) as tie_size,
        case
            when level != 'province'
                then rank() over (partition by period, tier, province_code order by index_settled desc)
        end as rank_province
    from regions
    where is_ranked

)

select
    regions.region_code,
    regions.current_region_code,
    regions.region_name,
    regions.level,
    regions.province_code,
    regions.province_name,
    regions.period,
    {{ display('regions.index_settled', 'methods.band_bounds', 6) }} as index,
    {{ display('regions.index_reported_settled', 'methods.band_bounds', 6) }} as index_reported,
    {{ display('regions.index_settled', 'methods.band_bounds', 2) }} as index_display,
    regions.band_code,
    regions.band_name,
    case when regions.basis = 'submitted' then {{ share('regions.services_answered', 'regions.services_owed') }} end
        as completeness,
    cast(regions.items_owed as integer) as items_owed,
    cast(regions.items_reported as integer) as items_reported,
    regions.basis,
    coalesce(regions.is_interim, false) as is_interim,
    regions.is_ranked,
    cast(ranked.rank_national as integer) as rank_national,
    cast(
        count(*) filter (where regions.is_ranked) over (partition by regions.period, regions.level) as integer
    ) as n_national,
    cast(ranked.rank_province as integer) as rank_province,
    cast(
        case
            when regions.level != 'province'
                then count(*) filter (where regions.is_ranked) over (
                    partition by regions.period, regions.tier, regions.province_code
                )
        end as integer
    ) as n_province,
    cast(ranked.tie_size as integer) as tie_size,
    cast(
        regions.upper_bound - {{ display('regions.index_settled', 'methods.band_bounds', 6) }} as decimal(18, 6)
    ) as gap_to_next_band,
    regions.method_version
from regions
left join methods
    on regions.method_version = methods.method_version
left join ranked
    on regions.region_code = ranked.region_code
    and regions.period = ranked.period
