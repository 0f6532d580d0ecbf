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
        accepted.item_code,
        accepted.status,
        {{ words_key('accepted.unit') }} as unit_key,
        methods.zero_target,
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
        item_code,
        status,
        unit_key,
        case
            when status = 'not_applicable' and zero_target = 'full' then 100 * {{ ten_to(27) }}
            when status = 'not_applicable' and zero_target = 'zero' then 0::hugeint
            when status in ('not_applicable', 'missing') then null
            else {{ percent_units_of_decimals('counted', 'nullif(target, 0)') }}
        end as points,
        -- the pooled readings add realised values and targets; what is not there has neither
        case when status != 'missing' then coalesce(target, 0) end as pooled_target,
        case when status != 'missing' then coalesce(realised, 0) end as pooled_realised
    from methodical

)

select * from scored
