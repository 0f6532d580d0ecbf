{# A rule's sentence with its place and value filled in. #}
{% macro worded(message) -%}
    replace(
        replace({{ message }}, '{place}', coalesce(nullif(substring(unioned.source_ref, strpos(unioned.source_ref, ':') + 1), ''), 'dokumen')),
        '{value}', coalesce(unioned.value, '-')
    )
{%- endmacro %}
