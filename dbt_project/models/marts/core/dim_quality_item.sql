with

items as (

    select * from {{ ref('quality_items') }}

),

services as (

    select * from {{ ref('services') }}

),

units as (

    select * from {{ ref('units') }}

)

select
    items.item_version,
    items.item_code,
    items.service_code,
    services.sector_code,
    items.component,
    items.name_id,
    coalesce(units.unit_code, 'other') as unit_code,
    items.valid_from_period,
    items.valid_to_period
from items
inner join services
    on items.service_code = services.service_code
left join units
    on lower(items.unit) = lower(units.unit)
