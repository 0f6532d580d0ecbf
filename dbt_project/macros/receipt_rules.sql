{#
  Warnings on reports as a whole, in comparison: with the window, with the quarter before, with what the province said.
  Relations: int_submissions__received, int_reports__compared, int_provinces__compared. What the keys mean: rules.sql.
  Keep out: rules that a report breaks by itself (region_rules.sql).
#}

{# The day of an instant in Asia/Jakarta, seven hours before UTC all year. #}
{% macro jakarta_day(instant) -%}
    cast({{ instant }} + interval 7 hour as date)
{%- endmacro %}

{# An instant as officers read it: day and minute in Asia/Jakarta. #}
{% macro jakarta_minute(instant) -%}
    strftime({{ instant }} + interval 7 hour, '%Y-%m-%d %H:%M')
{%- endmacro %}

{% macro receipt_rules() -%}
    {%- set days_ahead = "to_days(cast(" ~ limit('TIM-003', 'max_days_ahead') ~ " as integer))" -%}
    {%- set days_behind = "to_days(cast(" ~ limit('TIM-003', 'max_days_behind') ~ " as integer))" -%}
    {%- do return([
        {
            'rule_id': 'TIM-002',
            'applies': "window_closes_on is not null",
            'broken': jakarta_day('known_at') ~ " > window_closes_on",
            'place': "first_ref",
            'value': jakarta_minute('known_at') ~ " || ' > ' || window_closes_on",
        },
        {
            'rule_id': 'TIM-003',
            'parameters': ['max_days_ahead', 'max_days_behind', 'max_days_early'],
            'applies': "first_submitted_at is not null",
            'broken': "last_submitted_at > received_at + " ~ days_ahead
                ~ " or " ~ jakarta_day('first_submitted_at') ~ " < ends_on - cast("
                ~ limit('TIM-003', 'max_days_early') ~ " as integer)"
                ~ " or (not is_extract and " ~ jakarta_day('first_submitted_at') ~ " <= window_closes_on and "
                ~ jakarta_day('received_at') ~ " > window_closes_on and first_submitted_at < received_at - "
                ~ days_behind ~ ")",
            'place': "first_submitted_ref",
            'value': jakarta_minute('first_submitted_at') ~ " || ' / ' || " ~ jakarta_minute('received_at'),
        },
    ]) -%}
{%- endmacro %}

{% macro completeness_rules() -%}
    {%- do return([
        {
            'rule_id': 'OUT-003',
            'parameters': ['max_change'],
            'applies': "completeness is not null and previous_completeness is not null",
            'broken': "abs(completeness - previous_completeness) >= " ~ limit('OUT-003', 'max_change'),
            'place': "row_ref",
            'value': plain_number('previous_completeness * 100') ~ " || ' % -> ' || " ~ plain_number('completeness * 100')
                ~ " || ' %'",
        },
    ]) -%}
{%- endmacro %}

{% macro province_rules() -%}
    {%- set share = factor('RECON-003', 'tolerance') -%}
    {%- do return([
        {
            'rule_id': 'RECON-003',
            'parameters': ['tolerance'],
            'applies': "true",
            'broken': "abs(province_realised - own_realised) > own_realised * " ~ share
                ~ " or abs(province_target - own_target) > own_target * " ~ share,
            'place': "first_ref",
            'value': "'target ' || " ~ plain_number('province_target') ~ " || ' / ' || " ~ plain_number('own_target')
                ~ " || '; realisasi ' || " ~ plain_number('province_realised') ~ " || ' / ' || "
                ~ plain_number('own_realised') ~ " || ' (' || regions || ')'",
        },
    ]) -%}
{%- endmacro %}
