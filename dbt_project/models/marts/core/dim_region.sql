with

states as (

    select * from {{ ref('int_regions__states') }}

)

select
    region_code,
    region_name,
    level,
    province_code,
    province_name,
    bps_code,
    is_autonomous,
    valid_from,
    valid_to,
    is_current,
    current_region_code
from states
