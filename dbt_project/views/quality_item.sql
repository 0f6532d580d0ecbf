select
    items.item_version,
    items.item_code,
    items.name_id as item_name_id,
    items.service_code,
    services.name_id as service_name_id,
    services.name_en as service_name_en,
    items.sector_code,
    items.component,
    components.label_id as component_name_id,
    components.label_en as component_name_en,
    items.unit_code,
    units.name_id as unit_name_id,
    units.name_en as unit_name_en,
    items.valid_from_period,
    items.valid_to_period
from marts.dim_quality_item as items
inner join marts.dim_service as services
    on items.service_code = services.service_code
left join marts.dim_code as components
    on items.component = components.code
    and components.field = 'component'
left join marts.dim_unit as units
    on items.unit_code = units.unit_code
