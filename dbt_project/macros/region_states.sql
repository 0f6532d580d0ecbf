{# Whether a state of a region (int_regions__states) holds on a day: from its first day until the day of the next one. #}
{% macro is_state_on(state, day) -%}
    (
        ({{ state }}.valid_from is null or {{ state }}.valid_from <= {{ day }})
        and ({{ state }}.valid_to is null or {{ state }}.valid_to > {{ day }})
    )
{%- endmacro %}
