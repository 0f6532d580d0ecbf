with

sectors as (

    select * from {{ ref('int_scores__sectors') }}

),

expected as (

    select * from {{ ref('int_expected__regions') }}

),

methods as (

    select * from {{ ref('int_methods__bounds') }}

)

select
    sectors.region_code,
    expected.current_region_code,
    sectors.period,
    sectors.sector_code,
    {{ display(round_to_1e15('sectors.index_points'), 'methods.band_bounds', 6) }} as index,
    {{ display(round_to_1e15('sectors.index_reported_points'), 'methods.band_bounds', 6) }} as index_reported,
    cast(sectors.services_owed as integer) as services_owed,
    cast(sectors.services_reported as integer) as services_reported,
    cast(sectors.services_not_applicable as integer) as services_not_applicable,
    sectors.basis,
    sectors.method_version
from sectors
inner join expected
    on sectors.region_code = expected.region_code
    and sectors.period = expected.period
left join methods
    on sectors.method_version = methods.method_version
