-- a view: two models read it, and as a table it would hold every accepted row twice
{{ config(materialized='view') }}

with

accepted as (

    select * from {{ ref('int_rows__accepted') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

corrections as (

    select * from {{ ref('corrections') }}

),

published as (

    select * from {{ source('published', 'fct_indicator') }}

),

run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run

),

limits as (

    {{ limits_of(row_rules()) }}

),

-- the quarter before: from this run where it builds it, else as published
known_values as (

    select
        current_region_code,
        period,
        subject,
        realised
    from accepted
    -- a series of PP 65/2005 is yearly and not known to accumulate
    where record = 'achievement' and legacy_indicator_code is null
    union all
    select
        current_region_code,
        period,
        subject,
        realised
    from published
    where period not in (select run_periods.period from run_periods)

),

previous_values as (

    select
        periods.period,
        known_values.current_region_code,
        known_values.subject,
        known_values.realised
    from periods
    inner join known_values
        on periods.previous_period = known_values.period
    -- values accumulate within the year, so the first quarter starts anew
    where periods.is_in_run and periods.quarter > 1

),

checked as (

    select
        accepted.*,
        limits.* exclude (period),
        case when accepted.record = 'achievement' then previous_values.realised end as previous_realised,
        concat_ws(' / ', 'target ' || accepted.target_text, 'realisasi ' || accepted.realised_text) as both_values,
        nullif(concat_ws(
            '; ',
            'target ' || coalesce(accepted.target_text, '-') || ' -> ' || {{ plain_number('accepted.target') }}
            || ' (' || of_target.letter || ')',
            'realisasi ' || coalesce(accepted.realised_text, '-') || ' -> ' || {{ plain_number('accepted.realised') }}
            || ' (' || of_realised.letter || ')'
        ), '') as corrected_values
    from accepted
    left join limits
        on accepted.period = limits.period
    left join previous_values
        on accepted.current_region_code = previous_values.current_region_code
        and accepted.period = previous_values.period
        and accepted.subject = previous_values.subject
    left join corrections as of_target
        on accepted.target_correction_id = of_target.correction_id
    left join corrections as of_realised
        on accepted.realised_correction_id = of_realised.correction_id

)

select * from checked
