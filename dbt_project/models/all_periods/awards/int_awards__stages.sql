with

regions as (

    select * from {{ ref('int_awards__regions') }}

),

stages as (

    select * from {{ ref('int_all_periods__stages') }}

),

sectors as (

    select * from {{ ref('sectors') }}

),

stage_codes as (

    select code from {{ ref('code_labels') }}
    where field = 'stage'

),

-- without a target the value itself is the percent
reported as (

    select
        region_code,
        period,
        sector_code,
        stage,
        status = 'not_applicable' as is_not_applicable,
        case
            when realised_percent is not null then {{ as_percent_units('cast(realised_percent as decimal(38, 12))') }}
            when target is null and realised >= 0 then {{ as_percent_units('cast(least(realised, 100) as decimal(38, 12))') }}
        end as points
    from stages

)

-- a row without a sector speaks for the sectors that have none of their own
select
    regions.region_code,
    regions.year,
    sectors.sector_code,
    stage_codes.code as stage,
    case
        when coalesce(of_sector.is_not_applicable, of_region.is_not_applicable, false) then null
        when of_sector.region_code is not null then coalesce(of_sector.points, regions.missing_points)
        else coalesce(of_region.points, regions.missing_points)
    end as points
from regions
cross join sectors
cross join stage_codes
left join reported as of_sector
    on regions.region_code = of_sector.region_code
    and regions.last_period = of_sector.period
    and sectors.sector_code = of_sector.sector_code
    and stage_codes.code = of_sector.stage
left join reported as of_region
    on regions.region_code = of_region.region_code
    and regions.last_period = of_region.period
    and of_region.sector_code is null
    and stage_codes.code = of_region.stage
