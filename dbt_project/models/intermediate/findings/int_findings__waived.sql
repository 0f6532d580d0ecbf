with

-- rows, documents and sectors that a rule holds back have their waiver, or none, before anything else is judged
found as (

    select
        verdicts.row_id,
        verdicts.rule_id,
        verdicts.document_id,
        verdicts.submission_id,
        verdicts.region_code,
        verdicts.period,
        verdicts.sector_code,
        verdicts.service_code,
        verdicts.subject,
        verdict['place'] as source_ref,
        verdict['value'] as value
    from {{ ref('int_rules__verdicts') }} as verdicts
    inner join {{ ref('rules') }} as rules
        on verdicts.rule_id = rules.rule_id
        and {{ is_valid_in('rules', 'verdicts.period') }}
    where
        verdicts.judged not in ('readings', 'repeats', 'documents', 'submission_sectors', 'submissions')
        and verdict['broken']

),

with_waivers as (

    {{ waived('found') }}

),

unioned as (

    select * from with_waivers
    union all by name
    select * from {{ ref('int_findings__submissions') }}

)

select * from unioned
