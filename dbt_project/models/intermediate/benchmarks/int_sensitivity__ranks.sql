with

regions as (

    select * from {{ ref('int_scores__regions') }}
    where is_ranked and method_version is not null

),

sectors as (

    select * from {{ ref('int_scores__sectors') }}

),

services as (

    select * from {{ ref('int_scores__services') }}

),

catalogue as (

    select * from {{ ref('sectors') }}

),

scenarios as (

    select * from {{ ref('sensitivity_scenarios') }}

),

-- the mean of recipients and quality as it would be; what has one of them only, or none, is as it was
weighed_services as (

    select
        services.region_code,
        services.period,
        services.sector_code,
        scenarios.scenario,
        case
            when services.status = 'missing' or services.quality_points is null or services.index_points is null
                then services.index_points
            else (
                services.recipients_points * cast(scenarios.value_percent as hugeint)
                + services.quality_points * cast(100 - scenarios.value_percent as hugeint)
            ) // cast(100 as hugeint)
        end as index_points
    from services
    cross join scenarios
    where scenarios.kind = 'recipients_weight' and services.is_region_reporting

),

weighed_sectors as (

    select
        region_code,
        period,
        scenario,
        100 as weight,
        sum(index_points) // nullif(count(index_points), 0) as index_points
    from weighed_services
    group by region_code, period, sector_code, scenario
    union all
    select
        sectors.region_code,
        sectors.period,
        scenarios.scenario || ':' || catalogue.sector_code as scenario,
        case when sectors.sector_code = catalogue.sector_code then scenarios.value_percent else 100 end as weight,
        sectors.index_points
    from sectors
    cross join scenarios
    cross join catalogue
    where scenarios.kind = 'sector_weight'

),

means as (

    select
        region_code,
        period,
        scenario,
        count(index_points) as sectors_known,
        sum(index_points * cast(weight as hugeint))
        // nullif(sum(cast(weight as hugeint)) filter (where index_points is not null), 0) as index_points
    from weighed_sectors
    group by region_code, period, scenario

),

names as (

    select
        scenarios.kind,
        scenarios.scenario || coalesce(':' || catalogue.sector_code, '') as scenario,
        scenarios.sort_order * 100 + coalesce(catalogue.sort_order, 0) as scenario_order
    from scenarios
    left join catalogue
        on scenarios.kind = 'sector_weight'
    union all
    select
        'official' as kind,
        'official' as scenario,
        0 as scenario_order

),

sector_count as (

    select count(*) as sectors_owed from catalogue

),

-- an index that was published as a total alone stays as it is in every scenario
tried as (

    select
        regions.region_code,
        regions.period,
        regions.level,
        regions.index_settled as official_settled,
        names.scenario,
        names.scenario_order,
        case names.kind
            when 'recipients_weight' then regions.basis = 'submitted'
            when 'sector_weight' then regions.basis = 'submitted' or means.sectors_known = sector_count.sectors_owed
            else false
        end as is_moved,
        means.index_points
    from regions
    cross join names
    cross join sector_count
    left join means
        on regions.region_code = means.region_code
        and regions.period = means.period
        and names.scenario = means.scenario

),

indexed as (

    select
        * exclude (index_points),
        case when is_moved then {{ round_to_1e15('index_points') }} else official_settled end as index_settled
    from tried

)

select
    *,
    case
        when index_settled is not null
            then rank() over (partition by period, level, scenario order by index_settled desc nulls last)
    end as scenario_rank
from indexed
