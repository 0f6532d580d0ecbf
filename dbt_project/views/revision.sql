select
    releases.release_id,
    releases.release_number,
    releases.published_on,
    own.table_name,
    own.column_name,
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
    cast(own.old_value as decimal(38, 6)) as old_value,
    cast(own.new_value as decimal(38, 6)) as new_value,
    cast(own.new_value - own.old_value as decimal(38, 6)) as change,
    own.reason,
    reasons.label_id as reason_name_id,
    reasons.label_en as reason_name_en,
    own.caused_by
from marts.mart_restatement as own
inner join bi.release as releases
    on own.release_before = releases.release_before
left join marts.mart_region_score as scores
    on own.region_code = scores.region_code
    and own.period = scores.period
left join bi.period as periods
    on own.period = periods.period
left join marts.dim_sector as sectors
    on own.sector_code = sectors.sector_code
left join marts.dim_code as reasons
    on own.reason = reasons.code
    and reasons.field = 'reason'
