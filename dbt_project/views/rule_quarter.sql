select
    own.period,
    periods.quarter_end,
    periods.is_latest,
    own.rule_id,
    rules.name_id as rule_name_id,
    rules.name_en as rule_name_en,
    own.severity,
    severities.label_id as severity_name_id,
    severities.label_en as severity_name_en,
    severities.sort_order as severity_order,
    own.scope,
    own.assessed,
    own.broken,
    own.waived,
    own.status as rule_status
from marts.mart_rule as own
left join bi.period as periods
    on own.period = periods.period
left join marts.dim_rule as rules
    on own.rule_id = rules.rule_id
left join marts.dim_code as severities
    on own.severity = severities.code
    and severities.field = 'severity'
