-- Whose a refused document is, so that its sender hears of it.
-- Keep out: what is wrong with it (int_rules__documents).
with

named as (

    select * from {{ ref('int_documents__named') }}

),

senders as (

    select * from {{ ref('int_documents__senders') }}

)

-- one that names a region which its sender may not report for is the sender's own
select
    named.document_id,
    case when senders.is_allowed = false then senders.sender_region_code else named.region_code end as region_code,
    named.period
from named
left join senders
    on named.document_id = senders.document_id
    and named.region_code = senders.region_code
    and named.period = senders.period
