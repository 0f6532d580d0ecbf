with

states as (

    select * from {{ ref('int_regions__states') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}
    where is_in_run

),

-- expected reporters: autonomous regions valid on the last day of the period
expected as (

    select
        states.region_code,
        states.current_region_code,
        states.region_name,
        states.level,
        case when states.level = 'province' then 'province' else 'regency_city' end as tier,
        states.province_code,
        states.province_name,
        periods.period,
        periods.method_version,
        periods.window_closes_on
    from periods
    inner join states
        on (states.valid_from is null or states.valid_from <= periods.ends_on)
        and (states.valid_to is null or states.valid_to > periods.ends_on)
    where states.is_autonomous

)

select * from expected
