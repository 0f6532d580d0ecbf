with

-- of whom each document tells, and when it came from who may send it
told as (

    select
        said.document_id,
        said.region_code,
        said.period,
        coalesce(senders.first_arrival, documents.first_arrival) as first_arrival,
        coalesce(senders.arrival, documents.arrival) as arrival,
        case when senders.document_id is null then documents.sent_again_at else senders.sent_again_at end as sent_again_at
    from (
        select distinct
            document_id,
            region_code,
            period
        from {{ ref('int_rows__resolved') }}
        where region_code is not null and record is distinct from 'published_index' and is_refused is not true
    ) as said
    inner join {{ ref('stg_landing__documents') }} as documents
        on said.document_id = documents.document_id
    left join {{ ref('int_documents__senders') }} as senders
        on said.document_id = senders.document_id
        and said.region_code = senders.region_code
        and said.period = senders.period

)

select
    own.document_id,
    own.region_code,
    own.period,
    own.sent_again_at,
    count(*) as documents_between
from told as own
inner join told as other
    on own.region_code = other.region_code
    and own.period = other.period
    and own.document_id != other.document_id
where
    own.sent_again_at is not null
    -- of those that came at one instant the hash decides: each may have been the last word
    and other.arrival between own.first_arrival and own.arrival
group by own.document_id, own.region_code, own.period, own.sent_again_at
