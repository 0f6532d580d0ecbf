with

national as (

    select * from {{ ref('int_scores__national') }}

),

methods as (

    select * from {{ ref('int_methods__bounds') }}

),

bands as (

    select * from {{ ref('bands') }}

)

select
    national.period,
    national.scope,
    cast({{ display('national.index_settled', 'methods.band_bounds', 6) }} as decimal(18, 6)) as index,
    bands.band_code,
    cast(national.regions_expected as integer) as regions_expected,
    cast(national.regions_reported as integer) as regions_reported,
    national.method_version
from national
left join bands
    on {{ within_band('national.index_settled', 'bands') }}
    and national.method_version = bands.method_version
left join methods
    on national.method_version = methods.method_version
