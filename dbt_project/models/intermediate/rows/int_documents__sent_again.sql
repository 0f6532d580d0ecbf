with

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

-- of whom each document tells
told as (

    select distinct
        document_id,
        region_code,
        period
    from {{ ref('int_rows__resolved') }}
    where region_code is not null and record is distinct from 'published_index'

)

select
    own.document_id,
    own.region_code,
    own.period,
    sent.sent_again_at,
    count(*) as documents_between
from told as own
inner join documents as sent
    on own.document_id = sent.document_id
inner join told as other
    on own.region_code = other.region_code
    and own.period = other.period
    and own.document_id != other.document_id
inner join documents as between_them
    on other.document_id = between_them.document_id
where
    sent.sent_again_at is not null
    -- of those that came at one instant the hash decides: each may have been the last word
    and between_them.arrival between sent.first_arrival and sent.arrival
group by own.document_id, own.region_code, own.period, sent.sent_again_at
