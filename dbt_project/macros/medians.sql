{#
  Medians and deviations without rounding. Those of sorted lists, which must not be empty, are doubled, so that the mean
  of the two middle values stays whole.
#}

{# Twice the median of a sorted list. #}
{% macro twice_median(sorted) -%}
    ({{ sorted }}[(len({{ sorted }}) + 1) // 2] + {{ sorted }}[len({{ sorted }}) // 2 + 1])
{%- endmacro %}

{# The doubled distances of a list's values from its median, sorted: `twice_median` of these is four times the MAD. #}
{% macro doubled_distances(sorted, median_twice) -%}
    list_sort(list_transform({{ sorted }}, lambda one: abs(2 * one - {{ median_twice }})))
{%- endmacro %}

{#
  The median in a group of units of 10^-15 (exact.sql); nulls are left out, and of an even count it is the mean of the
  two in the middle, cut off to a unit: what is displayed of it is exact.
#}
{% macro exact_median(rounded) -%}
    {%- set sorted = 'list_sort(list(' ~ rounded ~ ') filter (where ' ~ rounded ~ ' is not null))' -%}
    (
        {{ sorted }}[(count({{ rounded }}) + 1) // 2]
        + {{ sorted }}[count({{ rounded }}) // 2 + 1]
    ) // 2
{%- endmacro %}
