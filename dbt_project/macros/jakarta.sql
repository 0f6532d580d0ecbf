{# Asia/Jakarta, seven hours before UTC all year. #}

{# The day of an instant there. #}
{% macro jakarta_day(instant) -%}
    cast({{ instant }} + interval 7 hour as date)
{%- endmacro %}

{# An instant as officers read it: day and minute there. #}
{% macro jakarta_minute(instant) -%}
    strftime({{ instant }} + interval 7 hour, '%Y-%m-%d %H:%M')
{%- endmacro %}
