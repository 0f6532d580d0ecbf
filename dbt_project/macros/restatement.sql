{# The ledger of restatements: cells of a mart that differ from the release before. Contract, section 4. #}

{#
  Three CTEs: `<table>_after` and `<table>_before`, the rows of `periods` that differ, and `<table>_cells`.
  Key and columns are those of the mart's YAML. `natural_key` stands there where the key is a place in a
  document, which moves with every document: several rows may share it, and `row` counts them.
  Rows that are alike are gone before anything is joined, so that an unchanged table costs one comparison.
#}
{% macro restated_cells(table, periods) -%}
    {%- set node = (graph.nodes.values() | selectattr('name', 'equalto', table) | first) if execute else none -%}
    {%- set ledger = graph.nodes[model.unique_id].config.meta if execute else {} -%}
    {%- set meta = node.config.meta if execute else {'key': ['period']} -%}
    {%- set types = node.columns if execute else {'period': {'data_type': 'varchar'}} -%}
    {%- set key = meta.get('natural_key', meta['key']) -%}
    {%- set values = types | reject('in', ledger.get('provenance', []) + key) | list -%}
    {%- set present = types | reject('in', ledger.get('provenance', [])) | list -%}
{%- for this_side, relation, other in [('after', ref(table), source('published', table)), ('before', source('published', table), ref(table))] %}
{{ table }}_{{ this_side }} as (

    select
        {{ present | join(', ') }},
        row_number() over (partition by {{ key | join(', ') }} order by {{ (values or key) | join(', ') }}) as row_in_key
    from (
        select {{ present | join(', ') }} from {{ relation }}
        where period in (select {{ periods }}.period from {{ periods }})
        except all
        select {{ present | join(', ') }} from {{ other }}
        where period in (select {{ periods }}.period from {{ periods }})
    )

),
{% endfor %}
{{ table }}_cells as (

    select
        '{{ table }}' as table_name,
        cast(to_json({
            {%- for column in key | sort %}
            '{{ column }}': coalesce(after.{{ column }}, before.{{ column }}){{ ',' if not loop.last }}
            {%- endfor %}
            {%- if 'natural_key' in meta %},
            'row': coalesce(after.row_in_key, before.row_in_key)
            {%- endif %}
        }) as varchar) as key,
        {%- for column in ['region_code', 'sector_code'] %}
        {{ 'coalesce(after.' ~ column ~ ', before.' ~ column ~ ')' if column in types else 'cast(null as varchar)' }} as {{ column }},
        {%- endfor %}
        coalesce(after.period, before.period) as period,
        unnest([
            {%- for column in values %}
            {
                'column_name': '{{ column }}',
                'old': {{ cell_text('before.' ~ column, types[column].data_type) }},
                'new': {{ cell_text('after.' ~ column, types[column].data_type) }},
                'is_told': {{ 'after.row_in_key is not null and before.row_in_key is not null'
                    if column in ledger.get('descriptive', []) else 'true' }}
            }{{ ',' if not loop.last }}
            {%- endfor %}
        ]) as cell
    from {{ table }}_after as after
    full outer join {{ table }}_before as before
        on after.row_in_key = before.row_in_key
        {%- for column in key %}
        and after.{{ column }} is not distinct from before.{{ column }}
        {%- endfor %}

)
{%- endmacro %}

{# A cell as the ledger writes it: text, numbers without the zeros that a DECIMAL carries. #}
{% macro cell_text(value, type) -%}
    {{ plain_number(value) if type.startswith('decimal') else 'cast(' ~ value ~ ' as varchar)' }}
{%- endmacro %}
