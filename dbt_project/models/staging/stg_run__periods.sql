-- a table: of a view each of the 45 models that read it would work it out again
{{ config(materialized='table') }}

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

extensions as (

    select * from {{ ref('stg_window__extensions') }}
    where region_code is null

),

-- a draft scores no period by itself
methods as (

    select * from {{ ref('methods') }}
    where status = 'official'

),

what_if_methods as (

    select * from {{ ref('methods') }}

),

-- periods before the first method use its roster and its assumed window
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
        ) as announced_closes_on,
        case
            when windows.extended_to is not null then 'extended'
            when windows.closes_on is not null then windows.status
            else 'assumed'
        end as announced_status,
        methods.method_version as official_method_version,
        run_periods.period is not null as is_in_run,
        run_periods.what_if_method,
        coalesce(what_if_methods.roster, methods.roster, first_method.roster) as roster,
        lag(periods.period) over (order by periods.period) as previous_period,
        lag(periods.period, 4) over (order by periods.period) as same_quarter_last_year
    from periods
    cross join first_method
    left join run_periods
        on periods.period = run_periods.period
    left join what_if_methods
        on run_periods.what_if_method = what_if_methods.method_version
    left join windows
        on periods.period = windows.period
    left join methods
        on periods.period >= methods.valid_from_period
        and (periods.period <= methods.valid_to_period or methods.valid_to_period is null)

),

context as (

    select * from {{ ref('stg_run__context') }}

),

-- an extension moves the close, a reopening does not: what comes in it is late
closing as (

    select
        described.*,
        case
            when extensions.extended_to > described.announced_closes_on then extensions.extended_to
            else described.announced_closes_on
        end as window_closes_on,
        case
            when extensions.reopened_to is not null then 'reopened'
            when extensions.extended_to > described.announced_closes_on then 'extended'
            else described.announced_status
        end as window_status,
        extensions.reopened_to as window_reopened_to,
        case
            when extensions.reopened_to is not null then extensions.reopened_reason
            when extensions.extended_to > described.announced_closes_on then extensions.extended_reason
        end as window_reason
    from described
    left join extensions
        on described.period = extensions.period

)

select
    period,
    year,
    quarter,
    starts_on,
    ends_on,
    window_closes_on,
    window_status,
    window_reopened_to,
    window_reason,
    -- a what-if scores its periods by the method it asks for, and nothing of it is published
    coalesce(what_if_method, official_method_version) as method_version,
    roster,
    is_in_run,
    -- until its window has closed, by the time up to which the run knows
    coalesce({{ jakarta_day('context.known_until') }} <= closing.window_closes_on, false) as is_interim,
    previous_period,
    same_quarter_last_year
from closing
cross join context
