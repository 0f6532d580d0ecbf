select
    services.service_code,
    services.name_id as service_name_id,
    services.name_en as service_name_en,
    services.tier,
    tiers.label_id as tier_name_id,
    tiers.label_en as tier_name_en,
    services.sector_code,
    sectors.name_id as sector_name_id,
    sectors.name_en as sector_name_en,
    sectors.sort_order as sector_order,
    services.sort_order as service_order,
    services.recipients_id,
    services.legal_basis,
    services.valid_from_period,
    services.valid_to_period
from marts.dim_service as services
inner join marts.dim_sector as sectors
    on services.sector_code = sectors.sector_code
left join marts.dim_code as tiers
    on services.tier = tiers.code
    and tiers.field = 'tier'
