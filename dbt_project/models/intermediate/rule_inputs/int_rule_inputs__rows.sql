-- a view: int_rules__rows alone reads it, and as a table it would hold every accepted row twice
{{ config(materialized='view') }}

with

-- beside what was entered, the targets without a result: a rule tells them (VAL-008)
accepted as (

    select * from {{ ref('int_rows__accepted') }}
    union all by name
    select
        resolved.*,
        'missing' as status
    from {{ ref('int_rows__resolved') }} as resolved
    inner join {{ ref('int_rows__outcomes') }} as outcomes
        on resolved.row_id = outcomes.row_id
    where outcomes.is_left_blank and resolved.target is not null

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

corrections as (

    select * from {{ ref('corrections') }}

),

history as (

    select * from {{ ref('int_rows__history') }}

)

select
    -- which row
    accepted.row_id,
    accepted.document_id,
    accepted.submission_id,
    accepted.region_code,
    accepted.period,
    accepted.sector_code,
    accepted.service_code,
    accepted.subject,
    accepted.record,
    accepted.component,
    accepted.legacy_measure,

    -- what it says
    accepted.sector_text,
    accepted.is_other_sector,
    accepted.unit,
    accepted.unit_kind,
    accepted.is_percent,
    accepted.item_code,
    accepted.item_unit,
    accepted.status,
    accepted.target,
    accepted.realised,
    accepted.target_notation,
    accepted.realised_notation,
    accepted.target_says_percent,
    accepted.realised_says_percent,
    accepted.target_text,
    accepted.realised_text,

    -- where
    accepted.row_ref,
    accepted.target_ref,
    accepted.realised_ref,

    -- what it is compared with: values accumulate within the year, so the first quarter starts anew
    -- while the window is open a value is not the last one
    case
        when accepted.record = 'achievement' and periods.quarter > 1 and not coalesce(periods.is_interim, false)
            then history.before_realised
    end as previous_realised,
    accepted.realised_correction_id,
    concat_ws(' / ', 'target ' || accepted.target_text, 'realisasi ' || accepted.realised_text) as both_values,
    -- texts of numbers cost time, and hardly any row is corrected
    nullif(concat_ws(
        '; ',
        case
            when of_target.letter is not null
                then
                    'target ' || coalesce(accepted.target_text, '-') || ' -> '
                    || {{ plain_number('accepted.target') }} || ' (' || of_target.letter || ')'
        end,
        case
            when of_realised.letter is not null
                then
                    'realisasi ' || coalesce(accepted.realised_text, '-') || ' -> '
                    || {{ plain_number('accepted.realised') }} || ' (' || of_realised.letter || ')'
        end
    ), '') as corrected_values
from accepted
left join periods
    on accepted.period = periods.period
left join history
    on accepted.row_id = history.row_id
left join corrections as of_target
    on accepted.target_correction_id = of_target.correction_id
left join corrections as of_realised
    on accepted.realised_correction_id = of_realised.correction_id
