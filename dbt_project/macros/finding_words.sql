{#
  A rule's sentence with its place and value filled in. Values that are numbers of ours alone are written as the language
  writes them; all others quote what was sent, and stay as they were written.
#}
{% macro worded(message, language) -%}
    {%- set of_numbers = ['OUT-002', 'RECON-001', 'RECON-002', 'RECON-003', 'STG-001', 'VAL-009', 'VAL-010'] -%}
    replace(
        replace({{ message }}, '{place}', coalesce(nullif(substring(unioned.source_ref, strpos(unioned.source_ref, ':') + 1), ''), 'dokumen')),
        '{value}',
        coalesce(
            case
                when unioned.rule_id in ('{{ of_numbers | join("', '") }}') then {{ told_numbers('unioned.value', language) }}
                else unioned.value
            end,
            '-'
        )
    )
{%- endmacro %}

{#
  A text of ours with its plain numbers (1234.5) as a language writes them: 1.234,5 in Indonesian ("id"), 1,234.5 in
  English ("en"). Thousands are parted from the right, a group each time.
#}
{% macro told_numbers(text, language) -%}
    {%- set mark = '.' if language == 'id' else ',' -%}
    {%- set found = namespace(sql=text) -%}
    {%- if language == 'id' -%}
        {%- set found.sql = "regexp_replace(" ~ text ~ ", '([0-9])[.]([0-9])', '\\1,\\2', 'g')" -%}
    {%- endif -%}
    {%- for group in range(6) -%}
        {%- set after = '[^0-9]|$' if loop.first else '[' ~ mark ~ ']' -%}
        {%- set digits = "(^|[^0-9.,])([0-9]+)([0-9]{3})(" ~ after ~ ")" -%}
        {%- set found.sql = "regexp_replace(" ~ found.sql ~ ", '" ~ digits ~ "', '\\1\\2" ~ mark ~ "\\3\\4', 'g')" -%}
    {%- endfor -%}
    {{ found.sql }}
{%- endmacro %}
