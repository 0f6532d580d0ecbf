{%- set judgements = ['rows', 'comparisons', 'sectors', 'reports', 'regions'] -%}

with

found as (

    {% for judgement in judgements -%}
        select
            rule_id,
            region_code,
            period,
            sector_code,
            service_code,
            subject,
            source_ref,
            submission_id,
            value
        from {{ ref('int_findings__' ~ judgement) }}
        {%- if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}

),

with_waivers as (

    {{ waived('found') }}

),

-- what holds a sector back looked for its waiver itself
unioned as (

    select * from with_waivers
    union all by name
    select * exclude (row_id) from {{ ref('int_findings__submissions') }}

)

select * from unioned
