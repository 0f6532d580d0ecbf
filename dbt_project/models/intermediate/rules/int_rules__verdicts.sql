-- a view: what a rule says of a row is stored once, in the row's column
{{ config(materialized='view') }}

{%- set judged = ['rows', 'row_comparisons', 'quality_items', 'sectors', 'reports', 'report_comparisons', 'receipts',
    'origins', 'provinces', 'published_indexes', 'submission_sectors', 'submissions', 'repeats', 'documents', 'unread'] %}

with

reading_verdicts as (

    select *
    from {{ ref('int_rules__readings') }}
    unpivot (verdict for rule_id in (columns('^[A-Z]+-[0-9]{3}$')))

),

-- of several rules that a row breaks, the one that holds it back is counted
readings as (

    select
        verdicts.row_id,
        verdicts.period,
        verdicts.rule_id,
        {
            'broken': coalesce(verdicts.rule_id = unreadable.rule_id, false),
            'place': verdict['place'],
            'value': verdict['value']
        } as verdict
    from reading_verdicts as verdicts
    left join {{ ref('int_rows__unreadable') }} as unreadable
        on verdicts.row_id = unreadable.row_id

),

unioned as (

    select
        'readings' as judged,
        *
    from readings
    {%- for name in judged %}
        union all by name
        select
            '{{ name }}' as judged,
            *
        from {{ ref('int_rules__' ~ name) }}
        unpivot (verdict for rule_id in (columns('^[A-Z]+-[0-9]{3}$')))
    {%- endfor %}

)

select * from unioned
