{# The ledger of restatements: cells of a mart that differ from the release before. Contract, section 4. #}

{#
  Three CTEs: `<table>_after` and `<table>_before`, the rows of `periods` that differ, and `<table>_cells`.
  Key and columns are those of the mart's YAML. `natural_key` stands there where the key is a place in a
  document, which moves with every document: several rows may share it, and `row_in_key` counts them.
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
    {%- set now, published = ref(table), source('published', table) -%}
{%- for side, rows, other_rows in [('after', now, published), ('before', published, now)] %}
{{ table }}_{{ side }} as (

    select
        {{ present | join(', ') }},
        row_number() over (partition by {{ key | join(', ') }} order by {{ (values or key) | join(', ') }}) as row_in_key
    from (
        select {{ present | join(', ') }} from {{ rows }}
        where period in (select {{ periods }}.period from {{ periods }})
        except all
        select {{ present | join(', ') }} from {{ other_rows }}
        where period in (select {{ periods }}.period from {{ periods }})
    )

),
{% endfor %}
{{ table }}_cells as (

    select
        '{{ table }}' as table_name,
        cast(to_json({
            {%- for column in (key + (['row_in_key'] if 'natural_key' in meta else [])) | sort %}
            '{{ column }}': coalesce(after.{{ column }}, before.{{ column }}){{ ',' if not loop.last }}
            {%- endfor %}
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

{# A reason and the documents behind it, none where there is no reason. #}
{% macro cause(reason, documents='cast(null as varchar[])') -%}
    case when {{ reason }} is not null then struct_pack(reason := {{ reason }}, documents := {{ documents }}) end
{%- endmacro %}
