with

received as (

    select * from {{ ref('int_rule_inputs__documents') }}

),

documents as (

    select * from {{ ref('stg_landing__documents') }}

)

select
    received.document_id,
    documents.sha256,
    documents.source,
    documents.name,
    documents.size_bytes,
    documents.reading_id,
    documents.received_at,
    documents.receipt_time,
    again.sent_again_at,
    received.region_code,
    received.period,
    received.first_known_at,
    received.is_published_index,
    cast(received.rows_received as integer) as rows_received,
    cast(received.rows_accepted as integer) as rows_accepted,
    cast(received.rows_superseded as integer) as rows_superseded,
    cast(received.rows_quarantined as integer) as rows_quarantined,
    received.reject_rule
from received
inner join documents
    on received.document_id = documents.document_id
left join {{ ref('int_documents__sent_again') }} as again
    on received.document_id = again.document_id
    and received.region_code = again.region_code
    and received.period = again.period
