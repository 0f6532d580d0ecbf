with

verdicts as (

    select *
    from {{ ref('int_rules__submission_sectors') }}
    unpivot (verdict for rule_id in (columns('^[A-Z]+-[0-9]{3}$')))
    union all by name
    select *
    from {{ ref('int_rules__submissions') }}
    unpivot (verdict for rule_id in (columns('^[A-Z]+-[0-9]{3}$')))

),

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
    from verdicts
    inner join {{ ref('rules') }} as rules
        on verdicts.rule_id = rules.rule_id
        and {{ is_valid_in('rules', 'verdicts.period') }}
    where verdict['broken']

),

with_waivers as (

    {{ waived('found') }}

)

select * from with_waivers
