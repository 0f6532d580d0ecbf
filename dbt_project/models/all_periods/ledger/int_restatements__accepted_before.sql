{%- set facts = ['fct_indicator', 'fct_budget', 'fct_stage', 'fct_problem', 'fct_published_index'] -%}

with

periods as (

    select * from {{ ref('int_restatements__periods') }}
    where is_in_run

)

{% for fact in facts -%}
    select distinct
        split_part(submission_id, '/', 1) as document_id,
        region_code,
        period,
        sector_code,
        {{ fact == 'fct_published_index' }} as is_published_index
    from {{ ref('stg_published__' ~ fact) }}
    where submission_id is not null and period in (select periods.period from periods)
    {%- if not loop.last %}
        union
    {% endif %}
{%- endfor %}
