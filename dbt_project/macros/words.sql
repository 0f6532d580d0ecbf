{# Words compared without case, blanks and punctuation: service, sector and item names. #}
{% macro words_key(text) -%}
    regexp_replace(lower({{ text }}), '[^a-z0-9]+', '', 'g')
{%- endmacro %}
