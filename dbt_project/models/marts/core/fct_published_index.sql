with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where record = 'published_index'

)

select
    region_code,
    current_region_code,
    period,
    sector_code,
    measure,
    snapshot_on,
    realised as index,
    note as source_name,
    submission_id,
    realised_ref as source_ref
from accepted
