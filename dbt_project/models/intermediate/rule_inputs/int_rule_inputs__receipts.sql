with

-- what could be read, whether it counts or a later document does
readable as (

    select
        resolved.*,
        outcomes.outcome = 'accepted' as is_accepted,
        -- press figures are no report: they are neither late nor backdated
        resolved.record != 'published_index' as is_report
    from {{ ref('int_rows__resolved') }} as resolved
    inner join {{ ref('int_rows__outcomes') }} as outcomes
        on resolved.row_id = outcomes.row_id
    where outcomes.outcome in ('accepted', 'superseded') and not resolved.is_blank

),

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

expected as (

    select * from {{ ref('int_expected__regions') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

again as (

    select * from {{ ref('int_documents__sent_again') }}

),

submissions as (

    select
        document_id,
        region_code,
        period,
        submission_id,
        bool_or(is_accepted and is_report) as is_accepted,
        arg_min(row_ref, row_number) as first_ref,
        min(known_at) filter (where is_accepted and is_report) as known_at,
        min(received_at) as received_at,
        min(submitted_at) filter (where is_report) as first_submitted_at,
        max(submitted_at) filter (where is_report) as last_submitted_at,
        arg_min(row_ref, row_number) filter (where submitted_at is not null and is_report) as first_submitted_ref,
        count(submitted_at_text) > 0 as has_times,
        count(distinct submitted_at_text) filter (where submitted_at is null) as times_unread,
        arg_min(submitted_at_text, row_number) filter (where submitted_at is null) as first_unread_time,
        arg_min(row_ref, row_number) filter (where submitted_at is null and submitted_at_text is not null) as first_unread_ref
    from readable
    group by document_id, region_code, period, submission_id

)

select
    submissions.*,
    submissions.submission_id as row_id,
    cast(null as varchar) as sector_code,
    cast(null as varchar) as service_code,
    '' as subject,
    expected.window_closes_on,
    periods.ends_on,
    -- an API or a database is the portal's own clock; what a file says of itself is its sender's
    documents.ref_prefix != documents.document_id as is_extract,
    documents.receipt_time = 'seen' as is_counted_by_sight,
    case when senders.document_id is null then documents.stored_at else senders.stored_at end as stored_at,
    coalesce(again.documents_between, 0) as documents_between,
    again.sent_again_at
from submissions
inner join documents
    on submissions.document_id = documents.document_id
inner join periods
    on submissions.period = periods.period
left join {{ ref('int_documents__senders') }} as senders
    on submissions.document_id = senders.document_id
    and submissions.region_code = senders.region_code
    and submissions.period = senders.period
left join again
    on submissions.document_id = again.document_id
    and submissions.region_code = again.region_code
    and submissions.period = again.period
left join expected
    on submissions.region_code = expected.region_code
    and submissions.period = expected.period
