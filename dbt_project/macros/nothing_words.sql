{#
  A text as the seed `nothing_words` lists it: without case, blanks and punctuation; signs alone are a dash. Python has
  the same key (pipelines/registry/nothing_words.py; a test says so).
#}
{% macro nothing_key(text) -%}
    case
        when regexp_full_match({{ text }}, '[-‐-―−_.…?~·/ ]+') then '-'
        when lower({{ text }}) = '\n' then '\n'
        else {{ words_key(text) }}
    end
{%- endmacro %}
