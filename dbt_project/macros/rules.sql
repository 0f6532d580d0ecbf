{#
  Rules as lists: one place for a rule's SQL, out of which its findings and the proof that it ran are both made.

  A rule is a dict of SQL expressions over the columns of the relation that it judges:
    rule_id     its row in seeds/rules.csv, which says what it means and when it is valid
    applies     which rows the rule assesses; null counts as no
    broken      which of these break it; null counts as no
    place       the source_ref of the cell at fault
    value       what is shown as found there
    parameters  optional: names of its rows in seeds/rule_parameters.csv. `limit(rule_id, name)` is the column that
                holds the value of the row's period, in a relation that is joined with `limits_of` on period
  A relation has the columns row_id, region_code, period, sector_code, service_code, subject, submission_id and those
  that its rules name. Lists: reading_rules.sql and submission_rules.sql (fatal), row_rules.sql and region_rules.sql
  (warnings). A list calls no other list.
#}

{# The column that holds a parameter: limit('VAL-007', 'max_fraction') is val_007_max_fraction. #}
{% macro limit(rule_id, parameter) -%}
    {{ (rule_id ~ '_' ~ parameter) | lower | replace('-', '_') }}
{%- endmacro %}

{# Whether a row of the registry is valid in a period, both bounds inclusive; where the period is not known it is. #}
{% macro is_valid_in(row, period) -%}
    coalesce({{ row }}.valid_from_period <= {{ period }}, true)
        and coalesce({{ row }}.valid_to_period >= {{ period }}, true)
{%- endmacro %}

{# A query: one row per period of the run, with a column for each parameter of the rules as valid then. #}
{% macro limits_of(rules) -%}
    select
        periods.period
        {%- for rule in rules %}{% for parameter in rule.get('parameters', []) %},
        any_value(parameters.value) filter (
            where parameters.rule_id = '{{ rule.rule_id }}' and parameters.parameter = '{{ parameter }}'
        ) as {{ limit(rule.rule_id, parameter) }}
        {%- endfor %}{% endfor %}
    from {{ ref('stg_run__periods') }} as periods
    left join {{ ref('rule_parameters') }} as parameters
        on {{ is_valid_in('parameters', 'periods.period') }}
    where periods.is_in_run
    group by periods.period
{%- endmacro %}

{# The columns of `limits_of` but for the period, which `exclude` may name. #}
{% macro limits_in(rules) -%}
    {%- set names = [] -%}
    {%- for rule in rules %}{% for parameter in rule.get('parameters', []) -%}
        {%- do names.append(limit(rule.rule_id, parameter) | trim) -%}
    {%- endfor %}{% endfor -%}
    {{ names | join(', ') }}
{%- endmacro %}

{# What the rule that a row breaks says under a key: place or value. #}
{% macro said_by(rules, key, otherwise='null', column='rule_id') -%}
    case {{ column }}
        {%- for rule in rules %}
        when '{{ rule.rule_id }}' then {{ rule.get(key, otherwise) }}
        {%- endfor %}
    end
{%- endmacro %}

{#
  A query: one finding per row of `relation` and rule that it breaks, of rules that are in rules.csv and valid in the
  row's period. A row gets every rule it breaks, not only the first: warnings do not hide each other.
#}
{% macro findings_of(rules, relation) -%}
    select
        broken.row_id,
        broken.rule_id,
        broken.region_code,
        broken.period,
        broken.sector_code,
        broken.service_code,
        broken.subject,
        {{ said_by(rules, 'place', column='broken.rule_id') }} as source_ref,
        broken.submission_id,
        {{ said_by(rules, 'value', column='broken.rule_id') }} as value
    from (
        select
            *,
            unnest(list_filter([
                {%- for rule in rules %}
                case when ({{ rule.applies }}) and ({{ rule.broken }}) then '{{ rule.rule_id }}' end
                {{- ',' if not loop.last }}
                {%- endfor %}
            ], rule -> rule is not null)) as rule_id
        from {{ relation }}
    ) as broken
    inner join {{ ref('rules') }} as rules
        on broken.rule_id = rules.rule_id
        and {{ is_valid_in('rules', 'broken.period') }}
{%- endmacro %}

{#
  A query: period, rule_id, assessed, broken: for every period of the run and rule of the list that is valid then,
  how many rows of `relation` it looked at and how many of these break it. A rule taken out of the list has no row, a
  rule that rules.csv does not have keeps its row, and one whose parameter is not there has null counts: mart_rule
  shows it and the gate closes. Rows without a period are counted under none.
#}
{% macro assessed_of(rules, relation) -%}
    select
        coalesce(counted.period, owed.period) as period,
        coalesce(counted.rule_id, owed.rule_id) as rule_id,
        case when coalesce(owed.has_parameters, true) then coalesce(counted.assessed, 0) end as assessed,
        case when coalesce(owed.has_parameters, true) then coalesce(counted.broken, 0) end as broken
    from (
        select
            periods.period,
            listed.rule_id,
            bool_and(listed.parameter is null or parameters.parameter is not null) as has_parameters
        from {{ ref('stg_run__periods') }} as periods
        cross join (
            values
            {%- for rule in rules %}{% for parameter in rule.get('parameters') or [none] %}
            ('{{ rule.rule_id }}', {{ "'" ~ parameter ~ "'" if parameter else 'cast(null as varchar)' }})
            {{- ',' if not loop.last }}
            {%- endfor %}{{ ',' if not loop.last }}{% endfor %}
        ) as listed (rule_id, parameter)
        left join {{ ref('rule_parameters') }} as parameters
            on listed.rule_id = parameters.rule_id
            and listed.parameter = parameters.parameter
            and {{ is_valid_in('parameters', 'periods.period') }}
        where periods.is_in_run
        group by periods.period, listed.rule_id
    ) as owed
    full outer join (
        select
            period,
            unnest([
                {%- for rule in rules %}
                {
                    'rule_id': '{{ rule.rule_id }}',
                    'assessed': count(*) filter (where {{ rule.applies }}),
                    'broken': count(*) filter (where ({{ rule.applies }}) and ({{ rule.broken }}))
                }{{ ',' if not loop.last }}
                {%- endfor %}
            ], recursive := true)
        from {{ relation }}
        group by period
    ) as counted
        on owed.period = counted.period
        and owed.rule_id = counted.rule_id
    left join {{ ref('rules') }} as rules
        on coalesce(counted.rule_id, owed.rule_id) = rules.rule_id
    where rules.rule_id is null or ({{ is_valid_in('rules', 'coalesce(counted.period, owed.period)') }})
{%- endmacro %}

{# A rule's message with the parameters of `texts.named` filled in, each written as the expression over `given` says. #}
{% macro with_parameters(message, text) -%}
    coalesce(list_reduce(
        texts.named,
        (filled, given) -> {'name': '', 'text': replace(filled.text, given.name, {{ text }})},
        {'name': '', 'text': {{ message }}}
    ).text, {{ message }})
{%- endmacro %}
