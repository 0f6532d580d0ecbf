{# Whether a unit of a target says percent; null where no unit is given. #}
{% macro is_percent(unit) -%}
    {{ words_key(unit) }} in ('percent', 'persen', '')
{%- endmacro %}
