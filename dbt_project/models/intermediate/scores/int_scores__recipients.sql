with

items as (

    select * from {{ ref('int_scores__items') }}
    where component = 'recipients'

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

methods as (

    select * from {{ ref('methods') }}

),

-- several rows of one unit are one number of people: summed, and capped after that
units as (

    select
        items.region_code,
        items.period,
        items.service_code,
        items.unit_key,
        methods.cap,
        methods.recipients_pool,
        count(*) filter (where items.status in ('reported', 'zero')) as rows_counted,
        count(*) filter (where items.status = 'not_applicable') as rows_not_applicable,
        sum(items.points) // nullif(count(items.points), 0) as mean_points,
        cast(sum(items.pooled_target) as decimal(38, 12)) as target,
        cast(sum(items.pooled_realised) as decimal(38, 12)) as realised
    from items
    inner join periods
        on items.period = periods.period
    inner join methods
        on periods.method_version = methods.method_version
    group by
        items.region_code,
        items.period,
        items.service_code,
        items.unit_key,
        methods.cap,
        methods.recipients_pool

),

capped as (

    select
        *,
        case when cap then least(realised, target) else realised end as counted
    from units

),

-- without a target above 0 there is no sum to divide by: the rows speak for themselves, by the policy on such targets
pointed as (

    select
        *,
        case
            when recipients_pool = 'sum' and target > 0
                then {{ percent_units_of_decimals('counted', 'nullif(target, 0)') }}
            else mean_points
        end as points
    from capped

),

-- people and households are not added: of several units the mean
services as (

    select
        region_code,
        period,
        service_code,
        case
            when sum(rows_counted) > 0 then 'reported'
            when sum(rows_not_applicable) > 0 then 'not_applicable'
            else 'missing'
        end as status,
        sum(points) // nullif(count(points), 0) as points,
        -- of one sum of people alone can be said how many are left to serve
        case when count(*) = 1 and (any_value(recipients_pool) = 'sum' or sum(rows_counted) = 1) then any_value(target) end
            as target,
        case when count(*) = 1 and (any_value(recipients_pool) = 'sum' or sum(rows_counted) = 1) then any_value(realised) end
            as realised,
        case when count(*) = 1 then any_value(unit_key) end as unit_key
    from pointed
    group by region_code, period, service_code

)

select * from services
