with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where record = 'achievement' and legacy_indicator_code is null

),

history as (

    select * from {{ ref('int_rows__history') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

limits as (

    select * from {{ ref('int_rules__limits') }}

),

-- values accumulate within the year, so the first quarter starts anew
compared as (

    select
        accepted.row_id,
        accepted.document_id,
        accepted.row_number,
        accepted.region_code,
        accepted.period,
        accepted.sector_code,
        accepted.submission_id,
        accepted.realised_ref,
        accepted.target,
        accepted.realised,
        periods.quarter,
        limits.heap_001_min_value,
        history.before_realised,
        case when periods.quarter > 1 then history.before_target end as previous_target,
        case when periods.quarter > 1 then history.before_realised end as previous_realised
    from accepted
    inner join periods
        on accepted.period = periods.period
    left join limits
        on accepted.period = limits.period
    left join history
        on accepted.row_id = history.row_id

),

-- a value that reached its target has the digits of the target
measured as (

    select
        *,
        coalesce(
            realised >= heap_001_min_value
            and realised = trunc(realised)
            and realised is distinct from target,
            false
        ) as has_digits,
        case
            when previous_target > 0 and previous_realised is not null
                then {{ round_to_1e15(percent_units_of_decimals(
                    'case when previous_realised > previous_target then previous_target else previous_realised end',
                    'previous_target'
                )) }}
        end as previous_points
    from compared

),

counted as (

    select
        region_code,
        period,
        sector_code,
        quarter,
        min(document_id) as document_id,
        min(submission_id) as submission_id,
        arg_min(realised_ref, document_id || lpad(cast(row_number as varchar), 9, '0')) as first_ref,
        count(realised) as values_filled,
        count(*) filter (where realised > 0) as values_above_zero,
        count(*) filter (where realised = before_realised) as values_repeated,
        count(*) filter (where target > 0 and realised is not null) as values_owed,
        count(*) filter (where target > 0 and realised = target) as values_full,
        cast(sum(previous_points) as hugeint) // nullif(count(previous_points), 0) as previous_points,
        count(*) filter (where has_digits) as values_with_digits,
        count(*) filter (where has_digits and cast(realised as hugeint) % 5 = 0) as values_rounded,
        cast(null as varchar) as service_code
    from measured
    group by region_code, period, sector_code, quarter

)

select
    *,
    region_code || '/' || period || '/' || sector_code as row_id,
    sector_code as subject
from counted
