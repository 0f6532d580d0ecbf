select
    own.region_code,
    scores.current_region_code,
    scores.region_name,
    scores.level,
    scores.province_code,
    scores.province_name,
    own.period,
    periods.quarter_end,
    periods.is_latest,
    own.sector_code,
    sectors.name_id as sector_name_id,
    sectors.name_en as sector_name_en,
    own.service_code,
    services.name_id as service_name_id,
    services.name_en as service_name_en,
    own.rule_id,
    rules.name_id as rule_name_id,
    rules.name_en as rule_name_en,
    own.severity,
    severities.label_id as severity_name_id,
    severities.label_en as severity_name_en,
    severities.sort_order as severity_order,
    own.status as finding_status,
    statuses.label_id as finding_status_name_id,
    statuses.label_en as finding_status_name_en,
    own.waiver_id is not null as is_waived
from marts.mart_finding as own
left join marts.mart_region_score as scores
    on own.region_code = scores.region_code
    and own.period = scores.period
left join bi.period as periods
    on own.period = periods.period
left join marts.dim_rule as rules
    on own.rule_id = rules.rule_id
left join marts.dim_sector as sectors
    on own.sector_code = sectors.sector_code
left join marts.dim_service as services
    on own.service_code = services.service_code
left join marts.dim_code as severities
    on own.severity = severities.code
    and severities.field = 'severity'
left join marts.dim_code as statuses
    on own.status = statuses.code
    and statuses.field = 'finding_status'
