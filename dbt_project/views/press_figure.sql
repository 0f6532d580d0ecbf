select
    own.region_code,
    scores.current_region_code,
    scores.region_name,
    scores.level,
    scores.province_code,
    scores.province_name,
    own.period,
    periods.quarter_end,
    own.sector_code,
    sectors.name_id as sector_name_id,
    sectors.name_en as sector_name_en,
    own.measure,
    measures.label_id as measure_name_id,
    measures.label_en as measure_name_en,
    own.snapshot_on,
    cast(own.index as decimal(38, 6)) as index
from marts.fct_published_index as own
left join marts.mart_region_score as scores
    on own.region_code = scores.region_code
    and own.period = scores.period
left join bi.period as periods
    on own.period = periods.period
left join marts.dim_sector as sectors
    on own.sector_code = sectors.sector_code
left join marts.dim_code as measures
    on own.measure = measures.code
    and measures.field = 'measure'
