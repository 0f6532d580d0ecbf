with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where record = 'problem'

)

select
    region_code,
    current_region_code,
    period,
    sector_code,
    service_code,
    item_text as category,
    note as problem,
    submission_id,
    row_ref as source_ref
from accepted
