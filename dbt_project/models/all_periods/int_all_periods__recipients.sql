select
    region_code,
    period,
    recipients_to_next_band,
    services_to_next_band,
    next_band_services,
    recipients_not_served,
    doubtful_services
from {{ ref('int_bands__recipients') }}
union all
select
    region_code,
    period,
    recipients_to_next_band,
    services_to_next_band,
    next_band_services,
    recipients_not_served,
    doubtful_services
from {{ ref('stg_published__mart_projection') }}
where period not in (
    select periods.period from {{ ref('stg_run__periods') }} as periods
    where periods.is_in_run
)
