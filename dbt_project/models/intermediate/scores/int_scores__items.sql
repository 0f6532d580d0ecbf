with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where record = 'achievement' and legacy_indicator_code is null

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

methods as (

    select * from {{ ref('methods') }}

),

methodical as (

    select
        accepted.row_id,
        accepted.region_code,
        accepted.period,
        accepted.service_code,
        accepted.component,
        accepted.status,
        methods.zero_target,
        methods.missing,
        accepted.target,
        accepted.realised,
        case
            when methods.cap then least(accepted.realised, accepted.target)
            else accepted.realised
        end as counted
    from accepted
    inner join periods
        on accepted.period = periods.period
    inner join methods
        on periods.method_version = methods.method_version

),

-- p(item) = 100 * min(realised / target, 1); null: the item leaves its mean
scored as (

    select
        row_id,
        region_code,
        period,
        service_code,
        component,
        status,
        case
            when status = 'not_applicable' and zero_target = 'full' then 100 * {{ ten_to(27) }}
            when status = 'not_applicable' and zero_target = 'zero' then 0::hugeint
            when status = 'not_applicable' then null
            when status = 'missing' and missing = 'zero' then 0::hugeint
            when status = 'missing' then null
            else {{ percent_units_of_decimals('counted', 'nullif(target, 0)') }}
        end as points,
        -- the pooled reading adds realised values and targets over the items of a service
        case when target > 0 and (realised is not null or missing = 'zero') then target end as pooled_target,
        case when target > 0 then coalesce(realised, 0) end as pooled_realised
    from methodical

)

select * from scored
