{# The ledger of corrections (seeds/corrections.csv): which cell a row of it means. #}

{#
  Whether a row is the one that a correction names, and its column the one meant. A correction names it as the
  region's report does after standardising: codes of the catalogue, the item by code or as written. The sector
  counts only where no service is named.
#}
{% macro is_corrected_cell(row, correction, column) -%}
    {{ row }}.region_code = {{ correction }}.region_code
    and {{ row }}.period = {{ correction }}.period
    and {{ row }}.record = {{ correction }}.record
    and {{ correction }}.column_name = '{{ column }}'
    and coalesce({{ row }}.legacy_indicator_code, {{ row }}.service_code, '') = coalesce({{ correction }}.service, '')
    and ({{ correction }}.service is not null or coalesce({{ row }}.sector_code, '') = coalesce({{ correction }}.sector, ''))
    and (
        {{ row }}.record != 'achievement'
        or coalesce({{ row }}.component, '') = coalesce({{ correction }}.component, 'recipients')
    )
    and case
        when {{ row }}.legacy_measure = 'own_target' then 'targetdaerah'
        when {{ row }}.record = 'achievement' and {{ row }}.component = 'recipients' then ''
        else coalesce({{ words_key("coalesce(" ~ row ~ ".item_code, " ~ row ~ ".item_text)") }}, '')
    end = coalesce({{ words_key(correction ~ ".item") }}, '')
{%- endmacro %}

{# Whether the value that the letter found is the one received: the same text, or the same number. #}
{% macro still_stands(row, correction, column) -%}
    (
        {{ row }}.{{ column }}_text is not distinct from {{ correction }}.old
        or {{ row }}.{{ column }} = try_cast({{ correction }}.old as decimal(38, 12))
    )
{%- endmacro %}
