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

falls as (

    select
        accepted.row_id,
        known_values.realised as previous_realised
    from accepted
    inner join periods
        on accepted.period = periods.period
        -- values accumulate within the year, so the first quarter starts anew
        and periods.quarter > 1
    inner join known_values
        on accepted.current_region_code = known_values.current_region_code
        and periods.previous_period = known_values.period
        and accepted.subject = known_values.subject
    where accepted.record = 'achievement' and accepted.realised < known_values.realised

),

checked as (

    select
        accepted.*,
        falls.previous_realised,
        concat_ws(' / ', 'target ' || accepted.target_text, 'realisasi ' || accepted.realised_text) as both_values
    from accepted
    left join falls
        on accepted.row_id = falls.row_id

),

-- every rule a row breaks, not only the first: warnings do not hide each other
broken as (

    select
        *,
        unnest(list_filter([
            case when record = 'achievement' and status = 'reported' and realised > target then 'VAL-001' end,
            case when record = 'achievement' and status = 'not_applicable' and realised > 0 then 'VAL-002' end,
            case
                when record = 'achievement' and status = 'missing' and target is null and realised is not null then 'VAL-003'
            end,
            case when previous_realised is not null then 'VAL-004' end,
            case when target_notation = 'broken' or realised_notation = 'broken' then 'VAL-005' end,
            case when record = 'budget' and realised > target then 'VAL-006' end,
            case
                when
                    record = 'achievement' and realised > 0 and realised <= 1 and target = 100
                    and {{ words_key('unit') }} in ('percent', 'persen', '') and unit is not null
                    then 'VAL-007'
            end,
            case
                when
                    record = 'achievement' and component = 'recipients' and status = 'missing'
                    and legacy_measure is distinct from 'own_target'
                    and 'broken' not in (target_notation, realised_notation) and realised is null then 'VAL-008'
            end,
            case when is_other_sector then 'SEC-002' end,
            case when coalesce(target_correction_id, realised_correction_id) is not null then 'COR-001' end,
            case when submitted_at_text is not null and submitted_at is null then 'TIM-001' end
        ], rule -> rule is not null)) as rule_id
    from checked

)

select
    broken.row_id,
    broken.rule_id,
    broken.region_code,
    broken.period,
    broken.sector_code,
    broken.service_code,
    broken.subject,
    broken.submission_id,
    case
        when rule_id in ('SEC-002', 'TIM-001') then row_ref
        when rule_id = 'COR-001' and realised_correction_id is null then target_ref
        when rule_id = 'VAL-003' or (rule_id = 'VAL-005' and target_notation = 'broken') then target_ref
        else realised_ref
    end as source_ref,
    case rule_id
        when 'VAL-004' then realised_text || ' < ' || {{ plain_number('previous_realised') }}
        when 'VAL-005' then case when target_notation = 'broken' then target_text else realised_text end
        when 'VAL-008' then coalesce(realised_text, 'kosong')
        when 'SEC-002' then sector_text
        when 'COR-001'
            then concat_ws(
                '; ',
                'target ' || coalesce(target_text, '-') || ' -> ' || {{ plain_number('target') }}
                || ' (' || of_target.letter || ')',
                'realisasi ' || coalesce(realised_text, '-') || ' -> ' || {{ plain_number('realised') }}
                || ' (' || of_realised.letter || ')'
            )
        when 'TIM-001' then submitted_at_text
        else both_values
    end as value
from broken
left join corrections as of_target
    on broken.target_correction_id = of_target.correction_id
left join corrections as of_realised
    on broken.realised_correction_id = of_realised.correction_id
