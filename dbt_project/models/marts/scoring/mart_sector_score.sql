with

sectors as (

    select * from {{ ref('int_scores__sectors') }}

),

expected as (

    select * from {{ ref('int_expected__regions') }}

),

bands as (

    select * from {{ ref('bands') }}

)

select
    sectors.region_code,
    expected.current_region_code,
    sectors.period,
    sectors.sector_code,
    {{ shown(settled('sectors.index_points'), 'bands.upper_bound', 6) }} as index,
    {{ shown(settled('sectors.index_reported_points'), 'reported_bands.upper_bound', 6) }} as index_reported,
    cast(sectors.services_owed as integer) as services_owed,
    cast(sectors.services_reported as integer) as services_reported,
    cast(sectors.services_not_applicable as integer) as services_not_applicable,
    sectors.basis,
    sectors.method_version
from sectors
inner join expected
    on sectors.region_code = expected.region_code
    and sectors.period = expected.period
left join bands
    on {{ within_band(settled('sectors.index_points'), 'bands') }}
    and sectors.method_version = bands.method_version
left join bands as reported_bands
    on {{ within_band(settled('sectors.index_reported_points'), 'reported_bands') }}
    and sectors.method_version = reported_bands.method_version
