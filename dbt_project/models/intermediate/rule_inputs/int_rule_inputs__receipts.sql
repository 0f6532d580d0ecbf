with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    -- press figures are no report: they are neither late nor backdated
    where record != 'published_index'

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

submissions as (

    select
        document_id,
        region_code,
        period,
        submission_id,
        arg_min(row_ref, row_number) as first_ref,
        min(known_at) as known_at,
        min(received_at) as received_at,
        min(submitted_at) as first_submitted_at,
        max(submitted_at) as last_submitted_at,
        arg_min(row_ref, row_number) filter (where submitted_at is not null) as first_submitted_ref
    from accepted
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
    documents.ref_prefix != documents.document_id as is_extract
from submissions
inner join documents
    on submissions.document_id = documents.document_id
inner join periods
    on submissions.period = periods.period
left join expected
    on submissions.region_code = expected.region_code
    and submissions.period = expected.period
