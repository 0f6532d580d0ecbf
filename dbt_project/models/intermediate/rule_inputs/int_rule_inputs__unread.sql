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
        unnest(unread, recursive := true)
    from documents

)

select
    concat_ws('/', parts.document_id, coalesce(submissions.region_code, '-'), coalesce(submissions.period, '-'))
    || '/' || parts.place || '/' || parts.value as row_id,
    parts.document_id,
    parts.document_id || '/' || submissions.region_code || '/' || submissions.period as submission_id,
    submissions.region_code,
    submissions.period,
    cast(null as varchar) as sector_code,
    cast(null as varchar) as service_code,
    parts.value as subject,
    parts.rule_id,
    parts.ref_prefix || ':' || parts.place as part_ref,
    parts.value
from parts
inner join submissions
    on parts.document_id = submissions.document_id
-- what no rule tells is told to whoever runs alone
where parts.rule_id != ''
