{# The ledger of restatements: cells of a mart that differ from the release before. Contract, section 4. #}

{#
  CTEs: `<table>_differing`, the rows of `periods` that one side has more often than the other; of these
  `<table>_after` and `<table>_before`; and `<table>_cells`.
  Key and columns are those of the mart's YAML, and how it is compared stands there as `ledger`
  (Ledger in pipelines/warehouse/manifest.py). It names a `natural_key` where the key is a place in a
  document, which moves with every document: several rows may share it, and `row_in_key` counts them.
  Rows that are alike are gone before anything is joined: an unchanged table costs one aggregation.
#}
{% macro restated_cells(table, periods) -%}
    {%- set node = (graph.nodes.values() | selectattr('name', 'equalto', table) | first) if execute else none -%}
    {%- set meta = node.config.meta if execute else {'key': ['period'], 'ledger': {}} -%}
    {%- set ledger = meta.ledger -%}
    {%- set types = node.columns if execute else {'period': {'data_type': 'varchar'}} -%}
    {%- set key = ledger.get('natural_key', meta['key']) -%}
    {%- set values = types | reject('in', ledger.get('provenance', []) + key) | list -%}
    {%- set present = types | reject('in', ledger.get('provenance', [])) | list -%}

{{ table }}_differing as (

    select
        {{ present | join(', ') }},
        cast(sum(side) as bigint) as surplus
    from (
        select {{ present | join(', ') }}, 1 as side from {{ ref(table) }}
        union all
        select {{ present | join(', ') }}, -1 as side from {{ ref('stg_published__' ~ table) }}
    )
    where period in (select {{ periods }}.period from {{ periods }})
    group by {{ present | join(', ') }}
    having sum(side) != 0

),
{% for side, sign in [('after', 1), ('before', -1)] %}
{{ table }}_{{ side }} as (

    select
        * exclude (times),
        row_number() over (partition by {{ key | join(', ') }} order by {{ (values or key) | join(', ') }}) as row_in_key
    from (select *, unnest(range({{ sign }} * surplus)) as times from {{ table }}_differing)

),
{% endfor %}
{{ table }}_cells as (

    select
        '{{ table }}' as table_name,
        cast(to_json({
            {%- for column in (key + (['row_in_key'] if 'natural_key' in ledger else [])) | sort %}
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
