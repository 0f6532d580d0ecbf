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
    sectors.sort_order as sector_order,
    own.stage_code,
    coalesce(stages.label_id, 'Tahapan lain') as stage_name_id,
    coalesce(stages.label_en, 'Another stage') as stage_name_en,
    stages.sort_order as stage_order,
    cast(own.target as decimal(38, 6)) as target,
    cast(own.realised as decimal(38, 6)) as realised,
    own.realised_percent,
    own.status
from marts.mart_stage as own
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
left join marts.dim_sector as sectors
    on own.sector_code = sectors.sector_code
left join marts.dim_code as stages
    on own.stage_code = stages.code
    and stages.field = 'stage'
