with

services as (

    select * from {{ ref('services') }}

)

select
    service_code,
    sector_code,
    tier,
    name_id,
    name_en,
    recipients_id,
    legal_basis,
    valid_from_period,
    valid_to_period,
    cast(sort_order as integer) as sort_order
from services
