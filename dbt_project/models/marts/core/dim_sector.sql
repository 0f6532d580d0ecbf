with

sectors as (

    select * from {{ ref('sectors') }}

)

select
    sector_code,
    name_id,
    name_en,
    cast(sort_order as integer) as sort_order
from sectors
