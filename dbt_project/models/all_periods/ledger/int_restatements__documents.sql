with

periods as (

    select * from {{ ref('int_restatements__periods') }}
    where is_in_run

),

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

received as (

    select
        judged.document_id,
        judged.region_code,
        judged.period
    from {{ ref('int_rows__resolved') }} as judged
    where judged.period in (select periods.period from periods)
    union
    -- a document that could not be read counts for its region all the same
    select
        document_id,
        region_code,
        period
    from {{ ref('int_documents__refused') }}
    where period in (select periods.period from periods)

),

received_before as (

    select * from {{ ref('stg_published__mart_document') }}
    where period in (select periods.period from periods)

),

-- the same document may tell of another region than before, by a new alias: that is no change of the document
present as (

    select
        received.document_id,
        received.period,
        documents.received_at,
        documents.reject_rule,
        documents.reading_id,
        max(again.sent_again_at) as sent_again_at
    from received
    inner join documents
        on received.document_id = documents.document_id
    left join {{ ref('int_documents__sent_again') }} as again
        on received.document_id = again.document_id
        and received.region_code = again.region_code
        and received.period = again.period
    group by received.document_id, received.period, documents.received_at, documents.reject_rule, documents.reading_id

),

known as (

    select
        document_id,
        period,
        received_at,
        reject_rule,
        reading_id,
        max(sent_again_at) as sent_again_at
    from received_before
    group by document_id, period, received_at, reject_rule, reading_id

),

changed as (

    select
        coalesce(present.document_id, known.document_id) as document_id,
        coalesce(present.period, known.period) as period,
        -- bytes that were there and read, now read by another mapping of the sources file
        coalesce(
            present.received_at = known.received_at
            and present.sent_again_at is not distinct from known.sent_again_at
            and coalesce(present.reject_rule, '') = coalesce(known.reject_rule, ''),
            false
        ) as is_read_anew
    from present
    full outer join known
        on present.document_id = known.document_id
        and present.period = known.period
    where
        present.received_at is distinct from known.received_at
        or present.sent_again_at is distinct from known.sent_again_at
        -- refused under other limits, and read now
        or present.reject_rule is distinct from known.reject_rule
        or (known.reading_id is not null and present.reading_id is distinct from known.reading_id)

),

-- what counts of each of them now, or did
accepted as (

    select
        document_id,
        region_code,
        period,
        sector_code,
        record = 'published_index' as is_published_index
    from {{ ref('int_rows__accepted') }}
    union
    select * from {{ ref('int_restatements__accepted_before') }}

),

spoken as (

    select
        changed.document_id,
        changed.period,
        changed.is_read_anew,
        accepted.region_code,
        accepted.sector_code,
        accepted.is_published_index
    from changed
    inner join accepted
        on changed.document_id = accepted.document_id
        and changed.period = accepted.period

)

select * from spoken
union all
-- a document none of whose rows count still moves the counts of documents and the time of the first
select distinct
    changed.document_id,
    changed.period,
    changed.is_read_anew,
    places.region_code,
    cast(null as varchar) as sector_code,
    cast(null as boolean) as is_published_index
from changed
inner join (
    select * from received
    union
    select
        document_id,
        region_code,
        period
    from received_before
) as places
    on changed.document_id = places.document_id
    and changed.period = places.period
    and places.region_code is not null
where not exists (
    select 1
    from spoken
    where
        spoken.document_id = changed.document_id
        and spoken.period = changed.period
        and spoken.region_code = places.region_code
)
