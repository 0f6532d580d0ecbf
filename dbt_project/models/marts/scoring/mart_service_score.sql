with

services as (

    select * from {{ ref('int_scores__services') }}

),

expected as (

    select * from {{ ref('int_expected__regions') }}

),

bands as (

    select * from {{ ref('bands') }}

)

select
    services.region_code,
    expected.current_region_code,
    services.period,
    services.sector_code,
    services.service_code,
    {{ shown(settled('services.recipients_points'), 'recipients_bands.upper_bound', 6) }} as recipients_index,
    {{ shown(settled('services.quality_points'), 'quality_bands.upper_bound', 6) }} as quality_index,
    {{ shown(settled('services.index_points'), 'index_bands.upper_bound', 6) }} as index,
    case
        when services.index_reported_points is not null
            then {{ shown(settled('services.index_points'), 'index_bands.upper_bound', 6) }}
    end as index_reported,
    services.status,
    services.method_version
from services
inner join expected
    on services.region_code = expected.region_code
    and services.period = expected.period
left join bands as recipients_bands
    on {{ within_band(settled('services.recipients_points'), 'recipients_bands') }}
    and services.method_version = recipients_bands.method_version
left join bands as quality_bands
    on {{ within_band(settled('services.quality_points'), 'quality_bands') }}
    and services.method_version = quality_bands.method_version
left join bands as index_bands
    on {{ within_band(settled('services.index_points'), 'index_bands') }}
    and services.method_version = index_bands.method_version
