with

resolved as (

    select * from {{ ref('int_rows__resolved') }}

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}

),

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

-- a document may hold several regions and periods: each is a submission of its own
submissions as (

    select
        resolved.document_id,
        resolved.region_code,
        resolved.period,
        bool_and(coalesce(resolved.record, '') = 'published_index') as is_published_index,
        min(resolved.known_at) filter (where outcomes.rule_id is null and not resolved.is_blank) as first_known_at,
        count(*) as rows_received,
        count(*) filter (where outcomes.outcome = 'accepted') as rows_accepted,
        count(*) filter (where outcomes.outcome = 'superseded') as rows_superseded,
        count(*) filter (where outcomes.outcome = 'quarantined') as rows_quarantined,
        cast(null as varchar) as reject_rule,
        cast(null as varchar) as reject_ref,
        cast(null as varchar) as reject_value
    from resolved
    inner join outcomes
        on resolved.row_id = outcomes.row_id
    group by resolved.document_id, resolved.region_code, resolved.period

),

-- a document that could not be read is of the region that it names, itself or in its name
rejected as (

    select
        documents.document_id,
        refused.region_code,
        refused.period,
        false as is_published_index,
        cast(null as timestamptz) as first_known_at,
        0 as rows_received,
        0 as rows_accepted,
        0 as rows_superseded,
        0 as rows_quarantined,
        documents.reject_rule,
        documents.ref_prefix || ':' || coalesce(documents.reject_place, '') as reject_ref,
        documents.reject_value
    from documents
    inner join {{ ref('int_documents__refused') }} as refused
        on documents.document_id = refused.document_id

),

unioned as (

    select * from submissions
    union all
    select * from rejected

)

select
    concat_ws('/', document_id, coalesce(region_code, '-'), coalesce(period, '-')) as row_id,
    *
from unioned
