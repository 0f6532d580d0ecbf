with

regions as (

    select * from {{ ref('int_scores__regions') }}
    where method_version is not null

),

ranks as (

    select * from {{ ref('int_sensitivity__ranks') }}

),

parameters as (

    select
        {{ round_to_1e15(as_percent_units("cast(max(value) filter (where parameter = 'tie_tolerance') as decimal(38, 12))")) }}
            as tolerance_settled,
        max(value) filter (where parameter = 'tie_min_percent') as min_percent
    from {{ ref('benchmark_parameters') }}

),

moved as (

    select
        region_code,
        period,
        max(scenario_rank) filter (where scenario = 'official') as rank_national,
        min(scenario_rank) as rank_best,
        max(scenario_rank) as rank_worst,
        first(scenario order by scenario_rank asc nulls last, scenario_order asc) as best_scenario,
        first(scenario order by scenario_rank desc nulls last, scenario_order asc) as worst_scenario,
        count(*) filter (where is_moved) as n_scenarios
    from ranks
    group by region_code, period

),

-- the region below in the ranking as it is, with its index in the same scenario
neighbours as (

    select
        *,
        lead(index_settled) over below as below_settled,
        lead(official_settled) over below as below_official
    from ranks
    window below as (partition by period, level, scenario order by official_settled desc, region_code asc)

),

overtaken as (

    select
        *,
        case when scenario != 'official' then index_settled <= below_settled end as is_overtaken
    from neighbours

),

-- tied: too near to distinguish, or enough of the scenarios that give both an index take the lead away
tied as (

    select
        overtaken.region_code,
        overtaken.period,
        any_value(overtaken.level) as level,
        any_value(overtaken.official_settled) as official_settled,
        coalesce(
            any_value(overtaken.official_settled - overtaken.below_official < parameters.tolerance_settled)
            or (
                count(overtaken.is_overtaken) > 0
                and 100 * count(*) filter (where overtaken.is_overtaken)
                >= any_value(parameters.min_percent) * count(overtaken.is_overtaken)
            ),
            false
        ) as is_tied_below
    from overtaken
    cross join parameters
    group by overtaken.region_code, overtaken.period

),

paired as (

    select
        *,
        coalesce(
            lag(is_tied_below) over (partition by period, level order by official_settled desc, region_code asc), false
        ) as is_tied_above
    from tied

)

select
    regions.region_code,
    regions.current_region_code,
    regions.region_name,
    regions.level,
    regions.province_code,
    regions.period,
    cast(moved.rank_national as integer) as rank_national,
    cast(
        count(moved.rank_national) over (partition by regions.period, regions.level) as integer
    ) as n_national,
    cast(moved.rank_best as integer) as rank_best,
    cast(moved.rank_worst as integer) as rank_worst,
    moved.best_scenario,
    moved.worst_scenario,
    cast(moved.n_scenarios as integer) as n_scenarios,
    paired.is_tied_above or paired.is_tied_below as is_tied,
    paired.is_tied_above,
    paired.is_tied_below,
    regions.method_version
from regions
left join moved
    on regions.region_code = moved.region_code
    and regions.period = moved.period
left join paired
    on regions.region_code = paired.region_code
    and regions.period = paired.period
