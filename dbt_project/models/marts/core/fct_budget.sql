with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where record = 'budget'

)

select
    region_code,
    current_region_code,
    period,
    sector_code,
    service_code,
    item_text as item,
    target as allocated_idr,
    realised as spent_idr,
    status,
    note,
    submission_id,
    realised_ref as source_ref
from accepted
