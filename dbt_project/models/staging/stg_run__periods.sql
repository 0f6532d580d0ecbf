with

run_periods as (

    select * from {{ source('raw', 'run_periods') }}

),

periods as (

    select * from {{ ref('periods') }}

),

windows as (

    select * from {{ ref('reporting_windows') }}

),

methods as (

    select * from {{ ref('methods') }}

),

-- periods before the first method use its assumed window
first_method as (

    select *
    from methods
    qualify row_number() over (order by valid_from_period, method_version) = 1

),

-- the method valid for a period scores it; before the first method there is no composite index
described as (

    select
        periods.period,
        periods.year,
        periods.quarter,
        periods.starts_on,
        periods.ends_on,
        coalesce(
            windows.extended_to,
            windows.closes_on,
            periods.ends_on + coalesce(methods.assumed_window_days, first_method.assumed_window_days)
        ) as window_closes_on,
        case
            when windows.extended_to is not null then 'extended'
            when windows.closes_on is not null then windows.status
            else 'assumed'
        end as window_status,
        methods.method_version,
        periods.period in (select run_periods.period from run_periods) as is_in_run,
        lag(periods.period) over (order by periods.period) as previous_period,
        lag(periods.period, 4) over (order by periods.period) as same_quarter_last_year
    from periods
    cross join first_method
    left join windows
        on periods.period = windows.period
    left join methods
        on periods.period >= methods.valid_from_period
        and (periods.period <= methods.valid_to_period or methods.valid_to_period is null)

)

select * from described
