{#
    At most one row of a `key` is valid on any day, and every interval holds a day.
    Intervals are half-open dates, `valid_from` <= day < `valid_to`; null means open on that side.
#}
{% test no_overlapping_validity(model, key, valid_from, valid_to) %}

with

intervals as (

    select
        {{ key }} as validity_key,
        coalesce({{ valid_from }}, cast('0001-01-01' as date)) as starts_on,
        coalesce({{ valid_to }}, cast('9999-12-31' as date)) as ends_before
    from {{ model }}

),

followed as (

    select
        *,
        lead(starts_on) over (
            partition by validity_key
            order by starts_on, ends_before
        ) as next_starts_on
    from intervals

)

select *
from followed
where starts_on >= ends_before or next_starts_on < ends_before

{% endtest %}
