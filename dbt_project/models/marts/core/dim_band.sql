with

bands as (

    select * from {{ ref('bands') }}
    where method_version in (select method_version from {{ ref('dim_method') }})

),

codes as (

    select * from {{ ref('codes') }}
    where field = 'band_code'

)

select
    bands.method_version,
    bands.band_code,
    bands.name_id,
    bands.name_en,
    cast(bands.lower_bound as decimal(9, 6)) as lower_bound,
    cast(bands.upper_bound as decimal(9, 6)) as upper_bound,
    -- the best first
    cast(rank() over (partition by bands.method_version order by bands.lower_bound desc) as integer) as sort_order,
    codes.colour
from bands
left join codes
    on bands.band_code = codes.code
