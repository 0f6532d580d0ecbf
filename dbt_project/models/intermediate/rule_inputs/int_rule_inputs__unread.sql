with

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

submissions as (

    select
        document_id,
        region_code,
        period
    from {{ ref('int_rule_inputs__documents') }}
    where reject_rule is null

),

parts as (

    select
        document_id,
        ref_prefix,
        unnest(unread) as part
    from documents

)

select
    concat_ws('/', parts.document_id, coalesce(submissions.region_code, '-'), coalesce(submissions.period, '-'))
    || '/' || parts.part['place'] || '/' || parts.part['value'] as row_id,
    parts.document_id,
    parts.document_id || '/' || submissions.region_code || '/' || submissions.period as submission_id,
    submissions.region_code,
    submissions.period,
    cast(null as varchar) as sector_code,
    cast(null as varchar) as service_code,
    parts.part['value'] as subject,
    parts.part['rule_id'] as rule_id,
    parts.ref_prefix || ':' || parts.part['place'] as part_ref,
    parts.part['value'] as value
from parts
inner join submissions
    on parts.document_id = submissions.document_id
-- what no rule tells is told to whoever runs alone
where parts.part['rule_id'] != ''
