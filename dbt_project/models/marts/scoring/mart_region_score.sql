with

regions as (

    select * from {{ ref('int_scores__regions') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

methods as (

    select * from {{ ref('int_methods__bounds') }}

),

published as (

    select * from {{ ref('stg_published__mart_region_score') }}

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

),

computed as (

    select
        regions.region_code,
        regions.current_region_code,
        regions.region_name,
        regions.level,
        regions.province_code,
        regions.province_name,
        regions.period,
        {{ shown('regions.index_settled', 'methods.band_bounds', 6) }} as index,
        {{ shown('regions.index_reported_settled', 'methods.band_bounds', 6) }} as index_reported,
        {{ shown('regions.index_settled', 'methods.band_bounds', 2) }} as index_display,
        regions.band_code,
        regions.band_name,
        case when regions.basis = 'submitted' then {{ share('regions.services_answered', 'regions.services_owed') }} end
            as completeness,
        regions.basis,
        regions.is_ranked,
        ranked.rank_national,
        count(*) filter (where regions.is_ranked) over (partition by regions.period, regions.level) as n_national,
        ranked.rank_province,
        case
            when regions.level != 'province'
                then count(*) filter (where regions.is_ranked) over (
                    partition by regions.period, regions.tier, regions.province_code
                )
        end as n_province,
        ranked.tie_size,
        regions.upper_bound - {{ shown('regions.index_settled', 'methods.band_bounds', 6) }} as gap_to_next_band,
        regions.method_version
    from regions
    left join methods
        on regions.method_version = methods.method_version
    left join ranked
        on regions.region_code = ranked.region_code
        and regions.period = ranked.period

),

-- every published period takes part, because a restated quarter moves the changes of the quarters after it
unioned as (

    select * from computed
    union all
    select
        region_code,
        current_region_code,
        region_name,
        level,
        province_code,
        province_name,
        period,
        index,
        index_reported,
        index_display,
        band_code,
        band_name,
        completeness,
        basis,
        is_ranked,
        rank_national,
        n_national,
        rank_province,
        n_province,
        tie_size,
        gap_to_next_band,
        method_version
    from published
    where period not in (
        select periods.period from periods
        where periods.is_in_run
    )

),

compared as (

    select
        unioned.*,
        unioned.index - previous_period.index as change_from_previous_period,
        unioned.index - previous_year.index as change_from_previous_year
    from unioned
    inner join periods
        on unioned.period = periods.period
    left join unioned as previous_period
        on unioned.current_region_code = previous_period.current_region_code
        and periods.previous_period = previous_period.period
    left join unioned as previous_year
        on unioned.current_region_code = previous_year.current_region_code
        and periods.same_quarter_last_year = previous_year.period

)

select
    region_code,
    current_region_code,
    region_name,
    level,
    province_code,
    province_name,
    period,
    cast(index as decimal(18, 6)) as index,
    cast(index_reported as decimal(18, 6)) as index_reported,
    cast(index_display as decimal(18, 2)) as index_display,
    band_code,
    band_name,
    completeness,
    basis,
    is_ranked,
    cast(rank_national as integer) as rank_national,
    cast(n_national as integer) as n_national,
    cast(rank_province as integer) as rank_province,
    cast(n_province as integer) as n_province,
    cast(tie_size as integer) as tie_size,
    cast(gap_to_next_band as decimal(18, 6)) as gap_to_next_band,
    cast(change_from_previous_period as decimal(18, 6)) as change_from_previous_period,
    cast(change_from_previous_year as decimal(18, 6)) as change_from_previous_year,
    method_version
from compared
