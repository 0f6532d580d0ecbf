with

bands as (

    select * from {{ ref('bands') }}
    where method_version in (select method_version from {{ ref('dim_method') }})

)

select
    method_version,
    band_code,
    name_id,
    name_en,
    cast(lower_bound as decimal(9, 6)) as lower_bound,
    cast(upper_bound as decimal(9, 6)) as upper_bound
from bands
