select
    regions.current_region_code,
    regions.region_name,
    regions.level,
    levels.label_id as level_name_id,
    levels.label_en as level_name_en,
    levels.sort_order as level_order,
    regions.tier,
    regions.province_code,
    regions.province_name,
    regions.island_group,
    regions.island_group_name_id,
    regions.island_group_name_en,
    regions.bps_code,
    regions.is_autonomous
from marts.dim_current_region as regions
left join marts.dim_code as levels
    on regions.level = levels.code
    and levels.field = 'level'
