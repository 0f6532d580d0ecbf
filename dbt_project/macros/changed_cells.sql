{#
  CTEs of the cells of a table that differ between the release before and this run: `<table>_differing`, the rows that
  one side has more often than the other; of these `<table>_after` and `<table>_before`; and `<table>_cells`.
  Columns, types and key stand in the YAML of the mart (Ledger in pipelines/warehouse/manifest.py). A `natural_key`
  stands there where the key is a place in a document, which moves with every document: several rows may share it, and
  `row_in_key` counts them. Rows that are alike are gone before anything is joined.
  `periods` names a CTE of period and is_in_run.
#}
{% macro changed_cells(table, periods) -%}
    {%- set cards = graph.nodes.values() | selectattr('name', 'equalto', table) | list if execute else [] %}
    {#- while dbt parses there is no card yet #}
    {%- set mart = cards | first if cards else {
        'columns': {'period': {'data_type': 'varchar'}}, 'config': {'meta': {'key': ['period'], 'ledger': {}}}
    } %}
    {%- set types = mart.columns %}
    {%- set meta = mart.config.meta %}
    {%- set key = meta.ledger.natural_key or meta.key %}
    {%- set compared = types | reject('in', meta.ledger.provenance or []) | list %}
    {%- set values = compared | reject('in', key) | list -%}

{{ table }}_differing as (

    select
        {{ compared | join(', ') }},
        cast(sum(side) as bigint) as surplus
    from (
        select {{ compared | join(', ') }}, 1 as side from {{ ref(table) }}
        union all
        select {{ compared | join(', ') }}, -1 as side from {{ ref('stg_published__' ~ table) }}
    )
    where period in (select {{ periods }}.period from {{ periods }}{{ ' where is_in_run' if meta.scope != 'every_period' }})
    group by {{ compared | join(', ') }}
    having sum(side) != 0

),

{% for side, sign in [('after', 1), ('before', -1)] -%}
{{ table }}_{{ side }} as (

    select
        * exclude (times),
        row_number() over (partition by {{ key | join(', ') }} order by {{ (values or key) | join(', ') }}) as row_in_key
    from (select *, unnest(range({{ sign }} * surplus)) as times from {{ table }}_differing)

),

{% endfor -%}

{{ table }}_cells as (

    select
        '{{ table }}' as table_name,
        cast(to_json({
            {%- for column in (key + (['row_in_key'] if meta.ledger.natural_key else [])) | sort %}
            '{{ column }}': coalesce(after.{{ column }}, before.{{ column }}){{ ',' if not loop.last }}
            {%- endfor %}
        }) as varchar) as key,
        {% for column in ['region_code', 'sector_code'] -%}
            {%- set place = 'coalesce(after.' ~ column ~ ', before.' ~ column ~ ')' -%}
            {{ place if column in types else 'cast(null as varchar)' }} as {{ column }},
        {% endfor -%}
        coalesce(after.period, before.period) as period,
        unnest([
            {%- for column in values %}
            {%- set is_decimal = types[column].data_type.startswith('decimal') %}
            {
                'column_name': '{{ column }}',
                'old': {{ plain_number('before.' ~ column) if is_decimal else 'cast(before.' ~ column ~ ' as varchar)' }},
                'new': {{ plain_number('after.' ~ column) if is_decimal else 'cast(after.' ~ column ~ ' as varchar)' }},
                'is_number': {{ is_decimal or types[column].data_type in ('integer', 'bigint') }},
                'is_told': {{ 'after.row_in_key is not null and before.row_in_key is not null'
                    if column in (meta.ledger.descriptive or []) else 'true' }}
            }{{ ',' if not loop.last }}
            {%- endfor %}
        ], recursive := true)
    from {{ table }}_after as after
    full outer join {{ table }}_before as before
        on after.row_in_key = before.row_in_key
        {%- for column in key %}
        and after.{{ column }} is not distinct from before.{{ column }}
        {%- endfor %}

)
{%- endmacro %}
