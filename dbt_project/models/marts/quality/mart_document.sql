with

judged as (

    select * from {{ ref('int_rows__judged') }}

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}

),

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

states as (

    select * from {{ ref('int_regions__states') }}

),

-- a document may hold several regions and periods: each is a submission of its own
submissions as (

    select
        judged.document_id,
        judged.region_code,
        judged.period,
        bool_and(coalesce(judged.record, '') = 'published_index') as is_published_index,
        min(coalesce(judged.submitted_at, judged.received_at)) filter (where outcomes.rule_id is null) as first_known_at,
        count(*) as rows_received,
        count(*) filter (where outcomes.outcome = 'accepted') as rows_accepted,
        count(*) filter (where outcomes.outcome = 'superseded') as rows_superseded,
        count(*) filter (where outcomes.outcome = 'quarantined') as rows_quarantined,
        cast(null as varchar) as reject_rule
    from judged
    inner join outcomes
        on judged.row_id = outcomes.row_id
    group by judged.document_id, judged.region_code, judged.period

),

codes as (

    select distinct
        region_code,
        current_region_code
    from states

),

-- a document that could not be read is the region's whose code, of whatever time, its name bears
rejected as (

    select
        documents.document_id,
        states.region_code,
        periods.period,
        false as is_published_index,
        cast(null as timestamptz) as first_known_at,
        0 as rows_received,
        0 as rows_accepted,
        0 as rows_superseded,
        0 as rows_quarantined,
        documents.reject_rule
    from documents
    left join periods
        on documents.period_in_name = periods.period
    left join codes
        on documents.region_in_name = codes.region_code
    left join states
        on codes.current_region_code = states.current_region_code
        and (states.valid_from is null or states.valid_from <= periods.ends_on)
        and (states.valid_to is null or states.valid_to > periods.ends_on)
    where
        documents.reject_rule is not null
        and coalesce(periods.is_in_run, true)

),

unioned as (

    select * from submissions
    union all
    select * from rejected

)

select
    unioned.document_id,
    documents.sha256,
    documents.source,
    documents.name,
    documents.size_bytes,
    documents.reading_id,
    documents.received_at,
    unioned.region_code,
    unioned.period,
    unioned.first_known_at,
    unioned.is_published_index,
    cast(unioned.rows_received as integer) as rows_received,
    cast(unioned.rows_accepted as integer) as rows_accepted,
    cast(unioned.rows_superseded as integer) as rows_superseded,
    cast(unioned.rows_quarantined as integer) as rows_quarantined,
    unioned.reject_rule
from unioned
inner join documents
    on unioned.document_id = documents.document_id
