select
    own.region_code,
    own.current_region_code,
    scores.region_name,
    scores.level,
    levels.label_id as level_name_id,
    levels.label_en as level_name_en,
    scores.province_code,
    scores.province_name,
    regions.island_group,
    regions.island_group_name_id,
    regions.island_group_name_en,

    own.period,
    periods.year,
    periods.quarter,
    periods.quarter_start,
    periods.quarter_end,
    periods.is_latest,
    scores.is_interim,

    own.sector_code,
    sectors.name_id as sector_name_id,
    sectors.name_en as sector_name_en,
    own.service_code,
    services.name_id as service_name_id,
    services.name_en as service_name_en,
    own.component,
    components.label_id as component_name_id,
    components.label_en as component_name_en,
    components.sort_order as component_order,
    own.item_version,
    own.item_code,
    items.name_id as item_name_id,
    own.unit_code,
    units.name_id as unit_name_id,
    units.name_en as unit_name_en,
    cast(own.target as decimal(38, 6)) as target,
    cast(own.realised as decimal(38, 6)) as realised,
    cast(
        case
            when own.target > own.realised then own.target - own.realised
            when own.realised >= own.target then 0
        end as decimal(38, 6)
    ) as shortfall,
    own.percent,
    own.status,
    statuses.label_id as status_name_id,
    statuses.label_en as status_name_en,
    own.is_doubtful,
    own.doubtful_rule_id
from marts.fct_indicator as own
left join marts.mart_region_score as scores
    on own.region_code = scores.region_code
    and own.period = scores.period
inner join bi.period as periods
    on own.period = periods.period
left join marts.dim_current_region as regions
    on own.current_region_code = regions.current_region_code
left join marts.dim_code as levels
    on scores.level = levels.code
    and levels.field = 'level'
inner join marts.dim_sector as sectors
    on own.sector_code = sectors.sector_code
inner join marts.dim_service as services
    on own.service_code = services.service_code
left join marts.dim_quality_item as items
    on own.item_version = items.item_version
    and own.item_code = items.item_code
left join marts.dim_unit as units
    on own.unit_code = units.unit_code
left join marts.dim_code as components
    on own.component = components.code
    and components.field = 'component'
left join marts.dim_code as statuses
    on own.status = statuses.code
    and statuses.field = 'status'
