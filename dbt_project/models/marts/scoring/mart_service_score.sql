with

services as (

    select * from {{ ref('int_scores__services') }}

),

expected as (

    select * from {{ ref('int_expected__regions') }}

),

methods as (

    select * from {{ ref('int_methods__bounds') }}

)

select
    services.region_code,
    expected.current_region_code,
    services.period,
    services.sector_code,
    services.service_code,
    {{ display(round_to_1e15('services.recipients_points'), 'methods.band_bounds', 6) }} as recipients_index,
    {{ display(round_to_1e15('services.quality_points'), 'methods.band_bounds', 6) }} as quality_index,
    {{ display(round_to_1e15('services.index_points'), 'methods.band_bounds', 6) }} as index,
    case
        when services.index_reported_points is not null
            then {{ display(round_to_1e15('services.index_points'), 'methods.band_bounds', 6) }}
    end as index_reported,
    services.status,
    cast(services.items_owed as integer) as items_owed,
    cast(services.items_reported as integer) as items_reported,
    services.method_version
from services
inner join expected
    on services.region_code = expected.region_code
    and services.period = expected.period
left join methods
    on services.method_version = methods.method_version
