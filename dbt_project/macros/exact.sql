{#
  Exact arithmetic of scores. Points (0 to 100) are whole numbers in units of 10^-27 while they are
  computed, and settle to units of 10^-15. Each division cuts off less than one unit and a national index
  takes seven of them, so a true value lies at most 10 units above the computed one: a computed value that
  close below a 10^-15 step is that step (1/3 + 2/3 is 1). Docs: docs/adr/0003-exact-scores.md.
#}

{# A DECIMAL(38, 12) as a whole number of 10^-12. #}
{% macro whole(value) -%}
    cast(replace(cast({{ value }} as varchar), '.', '') as hugeint)
{%- endmacro %}

{# 10 to a whole power, as a literal: the operator ** computes in DOUBLE. #}
{% macro ten_to(power) -%}
    1{{ '0' * power }}::hugeint
{%- endmacro %}

{#
  100 * part / total in units of 10^-27, cut off; whole numbers below 10^29, total above 0.
  Long division, nine digits a step, so that no step leaves 128 bits.
#}
{% macro points(part, total) -%}
    {%- set hundredfold = '(100::hugeint * (' ~ part ~ '))' -%}
    {%- set rest_0 = '(' ~ hundredfold ~ ' % (' ~ total ~ ') * ' ~ ten_to(9) ~ ')' -%}
    {%- set rest_1 = '(' ~ rest_0 ~ ' % (' ~ total ~ ') * ' ~ ten_to(9) ~ ')' -%}
    {%- set rest_2 = '(' ~ rest_1 ~ ' % (' ~ total ~ ') * ' ~ ten_to(9) ~ ')' -%}
    (
        {{ hundredfold }} // ({{ total }}) * {{ ten_to(27) }}
        + {{ rest_0 }} // ({{ total }}) * {{ ten_to(18) }}
        + {{ rest_1 }} // ({{ total }}) * {{ ten_to(9) }}
        + {{ rest_2 }} // ({{ total }})
    )
{%- endmacro %}

{#
  The same of two DECIMAL(38, 12); one division where both are whole and small, as nearly all counts are.
  A ratio of a million and more is a slip of units: it is held there, so that no cell can leave 128 bits and
  stop the build of every region. With the cap on, only money ever gets near it.
#}
{% macro points_of_ratio(part, total) -%}
    case
        when {{ part }} >= {{ total }} * 1000000 then {{ ten_to(35) }}
        when {{ part }} < 1700000000 and {{ part }} = trunc({{ part }}) and {{ total }} = trunc({{ total }})
            then cast({{ part }} as hugeint) * {{ ten_to(29) }} // cast({{ total }} as hugeint)
        else {{ points(whole(part), whole(total)) }}
    end
{%- endmacro %}

{#
  100 * part / total of two settled percents, the total above 0 and at most 100; a million times the total and
  more is held there, as in points_of_ratio.
#}
{% macro points_of_settled(part, total) -%}
    case
        when {{ part }} >= {{ total }} * 1000000 then {{ ten_to(35) }}
        else {{ points(part, total) }}
    end
{%- endmacro %}

{# A stored DECIMAL(38, 12) of points in units of 10^-27. #}
{% macro points_of(value) -%}
    ({{ whole(value) }} * {{ ten_to(15) }})
{%- endmacro %}

{# Units of 10^-27 to units of 10^-15. #}
{% macro settled(points) -%}
    (({{ points }} + 10::hugeint) // {{ ten_to(12) }})
{%- endmacro %}

{#
  What is stored and shown of settled points: half up to `places`, but a value below a band's bound never
  reaches it by rounding: 99.9999999 is stored 99.999999 and shown 99.99.
  `bounds` is the list of the method's bounds in points; null or empty where no band is meant.
#}
{% macro shown(settled, bounds, places) -%}
    {%- set rounded = '(' ~ settled ~ ' + 5 * ' ~ ten_to(14 - places) ~ ') // ' ~ ten_to(15 - places) -%}
    cast(
        cast(
            {{ rounded }}
            - case
                when ({{ rounded }}) % {{ ten_to(places) }} = 0
                    and ({{ rounded }}) * {{ ten_to(15 - places) }} > {{ settled }}
                    and list_contains({{ bounds }}, cast(({{ rounded }}) // {{ ten_to(places) }} as integer)) then 1
                else 0
            end as decimal(18, 0)
        ) * cast('0.{{ '0' * (places - 1) }}1' as decimal({{ places + 1 }}, {{ places }}))
        as decimal(18, {{ places }})
    )
{%- endmacro %}

{# Whether settled points lie in a band: lower bound <= x < upper bound, decided on the exact value. #}
{% macro within_band(settled, band) -%}
    {{ settled }} >= {{ band_bound(band ~ '.lower_bound') }}
    and ({{ settled }} < {{ band_bound(band ~ '.upper_bound') }} or {{ band }}.upper_bound is null)
{%- endmacro %}

{# A bound in points, whole by regulation, as settled points. #}
{% macro band_bound(bound) -%}
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

{#
  The median of settled points in a group; nulls are left out, and of an even count it is the mean of the two in the
  middle, cut off to a unit: what is shown of it is exact.
#}
{% macro exact_median(settled) -%}
    {%- set sorted = 'list_sort(list(' ~ settled ~ ') filter (where ' ~ settled ~ ' is not null))' -%}
    (
        {{ sorted }}[(count({{ settled }}) + 1) // 2]
        + {{ sorted }}[count({{ settled }}) // 2 + 1]
    ) // 2
{%- endmacro %}
