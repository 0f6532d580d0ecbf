with

parameters as (

    select * from {{ ref('rule_parameters') }}

),

-- no period has no limit: a run without any, over documents that nothing could be read of, has every column
run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run
    union all
    select null as period

),

valid as (

    select
        run_periods.period,
        lower(replace(parameters.rule_id, '-', '_')) || '_' || parameters.parameter as name,
        case when {{ is_valid_in('parameters', 'run_periods.period') }} then parameters.value end as value
    from run_periods
    cross join parameters

),

-- a parameter that is not valid in a period is null there, and its rule does not judge
limits as (

    pivot valid on name using any_value(value)
    group by period

)

select * from limits
where period is not null
