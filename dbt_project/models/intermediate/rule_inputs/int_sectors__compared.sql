with

achievements as (

    select * from {{ ref('int_rows__compared') }}
    where record = 'achievement' and legacy_indicator_code is null

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

limits as (

    {{ limits_of(sector_rules()) }}

),

-- a value that reached its target has the digits of the target
measured as (

    select
        achievements.*,
        limits.* exclude (period),
        periods.quarter,
        coalesce(
            achievements.realised >= {{ limit('HEAP-001', 'min_value') }}
            and achievements.realised = trunc(achievements.realised)
            and achievements.realised is distinct from achievements.target,
            false
        ) as has_digits,
        case
            when achievements.previous_target > 0 and achievements.previous_realised is not null
                then {{ settled(points_of_ratio(
                    'case when achievements.previous_realised > achievements.previous_target'
                    ' then achievements.previous_target else achievements.previous_realised end',
                    'achievements.previous_target'
                )) }}
        end as previous_points
    from achievements
    inner join periods
        on achievements.period = periods.period
    inner join limits
        on achievements.period = limits.period

),

counted as (

    select
        region_code,
        period,
        sector_code,
        quarter,
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
        {% for rule in sector_rules() -%}
            {% for parameter in rule.parameters -%}
                any_value({{ limit(rule.rule_id, parameter) }}) as {{ limit(rule.rule_id, parameter) }},
            {% endfor -%}
        {% endfor -%}
        cast(null as varchar) as service_code
    from measured
    group by region_code, period, sector_code, quarter

)

select
    *,
    region_code || '/' || period || '/' || sector_code as row_id,
    sector_code as subject
from counted
