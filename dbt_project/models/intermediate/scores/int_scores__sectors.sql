with

services as (

    select * from {{ ref('int_scores__services') }}

),

published as (

    select * from {{ ref('int_scores__published') }}
    where sector_code is not null

),

-- services that are not applicable have no index and leave the mean
submitted as (

    select
        region_code,
        period,
        sector_code,
        method_version,
        is_region_reporting,
        count(*) as services_owed,
        count(*) filter (where status = 'reported') as services_reported,
        count(*) filter (where status = 'not_applicable') as services_not_applicable,
        sum(items_owed) as items_owed,
        sum(items_reported) as items_reported,
        sum(index_points) // nullif(count(index_points), 0) as index_points,
        sum(index_reported_points) // nullif(count(index_reported_points), 0) as index_reported_points
    from services
    group by region_code, period, sector_code, method_version, is_region_reporting

),

-- a published index serves only where no submission exists; beside one it reconciles
combined as (

    select
        submitted.region_code,
        submitted.period,
        submitted.sector_code,
        submitted.method_version,
        submitted.services_owed,
        submitted.services_reported,
        submitted.services_not_applicable,
        submitted.items_owed,
        submitted.items_reported,
        case
            when submitted.is_region_reporting then 'submitted'
            when published.points is not null then 'published'
        end as basis,
        case when submitted.is_region_reporting then submitted.index_points else published.points end as index_points,
        case
            when submitted.is_region_reporting then submitted.index_reported_points
            else published.points
        end as index_reported_points
    from submitted
    left join published
        on submitted.region_code = published.region_code
        and submitted.period = published.period
        and submitted.sector_code = published.sector_code

)

select * from combined
