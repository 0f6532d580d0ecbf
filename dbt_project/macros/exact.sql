{#
  Exact arithmetic of scores. A percent (0 to 100) is a whole number of units of 10^-27 while it is computed, and is
  rounded to units of 10^-15. Each division cuts off less than one unit and a national index takes seven of them, so a
  true value lies at most 10 units above the computed one: a computed value that close below a 10^-15 step is that step
  (1/3 + 2/3 is 1). Docs: docs/adr/0003-exact-scores.md.
#}

{# A DECIMAL(38, 12) as a whole number of units of 10^-12. #}
{% macro as_units(value) -%}
    cast(replace(cast({{ value }} as varchar), '.', '') as hugeint)
{%- endmacro %}

{# A percent that is a DECIMAL(38, 12) in units of 10^-27. #}
{% macro as_percent_units(value) -%}
    ({{ as_units(value) }} * {{ ten_to(15) }})
{%- endmacro %}

{# 10 to a whole power, as a literal: the operator ** computes in DOUBLE. #}
{% macro ten_to(power) -%}
    1{{ '0' * power }}::hugeint
{%- endmacro %}

{#
  100 * part / total in units of 10^-27, cut off; whole numbers, part below 10^36, total above 0 and below 10^29. Long
  division, nine digits a step, so that no step leaves 128 bits.
#}
{% macro percent_units(part, total) -%}
    {%- set rest = namespace(of='(100::hugeint * (' ~ part ~ '))') -%}
    (
        {{ rest.of }} // ({{ total }}) * {{ ten_to(27) }}
        {%- for place in (18, 9, 0) %}
        {%- set rest.of = '(' ~ rest.of ~ ' % (' ~ total ~ ') * ' ~ ten_to(9) ~ ')' %}
        + {{ rest.of }} // ({{ total }}){% if place %} * {{ ten_to(place) }}{% endif %}
        {%- endfor %}
    )
{%- endmacro %}

{#
  The same with a total below 10^35: three digits a step. As a fold, for the tenth step written out holds every one
  before it ten times over, which DuckDB plans for a quarter of the time of a small build.
#}
{% macro percent_units_by_three_digits(part, total) -%}
    list_reduce(
        list_transform(
            range(11),
            lambda step: {'percent': 0::hugeint, 'rest': 100::hugeint * ({{ part }}), 'total': {{ total }}}
        ),
        (done, step) -> {
            'percent': done.percent * {{ ten_to(3) }} + done.rest // done.total,
            'rest': done.rest % done.total * {{ ten_to(3) }},
            'total': done.total
        }
    ).percent
{%- endmacro %}

{#
  The same of two DECIMAL(38, 12); one division where both are whole and small, as nearly all counts are.
  A ratio of a million and more is a slip of units: it is held there, so that no cell can leave 128 bits and
  stop the build of every region. With the cap on, only money ever gets near it. No row has a total of 10^17 or more
  (NUM-004), but sums of many rows do: these take smaller steps.
#}
{% macro percent_units_of_decimals(part, total) -%}
    case
        when {{ total }} >= 100000000000000000 then {{ percent_units_of_sums(as_units(part), as_units(total)) }}
        when {{ part }} >= {{ total }} * 1000000 then {{ ten_to(35) }}
        when {{ part }} < 1700000000 and {{ part }} = trunc({{ part }}) and {{ total }} = trunc({{ total }})
            then cast({{ part }} as hugeint) * {{ ten_to(29) }} // cast({{ total }} as hugeint)
        else {{ percent_units(as_units(part), as_units(total)) }}
    end
{%- endmacro %}

{# The same of two sums in units of 10^-12; of those that no rows of one document come to, six digits less. #}
{% macro percent_units_of_sums(part, total) -%}
    case
        when {{ part }} // {{ ten_to(6) }} >= {{ total }} then {{ ten_to(35) }}
        when {{ part }} < {{ ten_to(36) }} and {{ total }} < {{ ten_to(35) }} then {{ percent_units_by_three_digits(part, total) }}
        else {{ percent_units_by_three_digits(part ~ ' // ' ~ ten_to(6), total ~ ' // ' ~ ten_to(6)) }}
    end
{%- endmacro %}

{#
  The same of two percents in units of 10^-15, the total above 0 and at most 100; a million times the total and more is
  held there, too.
#}
{% macro percent_units_of_rounded(part, total) -%}
    case
        when {{ part }} >= {{ total }} * 1000000 then {{ ten_to(35) }}
        else {{ percent_units(part, total) }}
    end
{%- endmacro %}

{# Units of 10^-27 to units of 10^-15. Columns of these end with `_settled`: bands, ranks and ties are decided on them. #}
{% macro round_to_1e15(units) -%}
    (({{ units }} + 10::hugeint) // {{ ten_to(12) }})
{%- endmacro %}

{#
  What is stored and displayed of a percent in units of 10^-15: half up to `places`, but a value below a band's bound
  never reaches it by rounding: 99.9999999 is stored 99.999999 and displayed 99.99.
  `bounds` is the list of the method's bounds in percent; null or empty where no band is meant.
#}
{% macro display(rounded, bounds, places) -%}
    {%- set half_up = '(' ~ rounded ~ ' + 5 * ' ~ ten_to(14 - places) ~ ') // ' ~ ten_to(15 - places) -%}
    cast(
        cast(
            {{ half_up }}
            - case
                when ({{ half_up }}) % {{ ten_to(places) }} = 0
                    and ({{ half_up }}) * {{ ten_to(15 - places) }} > {{ rounded }}
                    and list_contains({{ bounds }}, cast(({{ half_up }}) // {{ ten_to(places) }} as integer)) then 1
                else 0
            end as decimal(18, 0)
        ) * cast('0.{{ '0' * (places - 1) }}1' as decimal({{ places + 1 }}, {{ places }}))
        as decimal(18, {{ places }})
    )
{%- endmacro %}

{# Whether units of 10^-15 lie in a band: lower bound <= x < upper bound, decided on the exact value. #}
{% macro within_band(rounded, band) -%}
    {{ rounded }} >= {{ bound_units(band ~ '.lower_bound') }}
    and ({{ rounded }} < {{ bound_units(band ~ '.upper_bound') }} or {{ band }}.upper_bound is null)
{%- endmacro %}

{# A bound in percent, whole by regulation, in units of 10^-15. #}
{% macro bound_units(bound) -%}
    (cast({{ bound }} as hugeint) * {{ ten_to(15) }})
{%- endmacro %}

{# part / whole of two counts as a DECIMAL(7, 6), half up. #}
{% macro share(part, total) -%}
    cast(
        cast(
            (2 * {{ ten_to(6) }} * cast({{ part }} as hugeint) + cast({{ total }} as hugeint))
            // (2 * nullif(cast({{ total }} as hugeint), 0)) as decimal(18, 0)
        ) * cast('0.000001' as decimal(7, 6)) as decimal(9, 6)
    )
{%- endmacro %}
