{#
  What the ledger and `spm diff` both ask (pipelines/publish/diff.py): the cells that differ between the release before
  and this run.
#}
{%- set tables = [
    'fct_indicator',
    'fct_budget',
    'fct_stage',
    'fct_published_index',
    'mart_service_score',
    'mart_sector_score',
    'mart_region_score',
    'mart_national_score',
    'mart_compliance',
    'mart_compliance_summary',
    'mart_budget',
    'mart_stage',
    'mart_legacy_attainment'
] -%}

with

context as (

    select * from {{ ref('stg_run__context') }}

),

-- a period published for the first time restates nothing
periods as (

    select * from {{ ref('int_restatements__periods') }}

),

{% for table in tables -%}
    {{ changed_cells(table, 'periods') }},

{% endfor -%}

unioned as (

    {% for table in tables -%}
        select * from {{ table }}_cells
        {%- if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}

)

-- a column that the release before did not have was not published in it
select
    unioned.table_name,
    unioned.key,
    unioned.column_name,
    unioned.region_code,
    unioned.sector_code,
    unioned.period,
    unioned.old,
    unioned.new,
    unioned.is_number
from unioned
cross join context
where
    unioned.is_told
    and unioned.old is distinct from unioned.new
    and list_contains(context.columns_before, unioned.table_name || '.' || unioned.column_name)
