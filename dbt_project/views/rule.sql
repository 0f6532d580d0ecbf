select
    rules.rule_id,
    rules.name_id as rule_name_id,
    rules.name_en as rule_name_en,
    rules.severity,
    severities.label_id as severity_name_id,
    severities.label_en as severity_name_en,
    severities.sort_order as severity_order,
    rules.scope,
    rules.remedy_id,
    rules.remedy_en,
    rules.basis,
    rules.is_waivable,
    rules.valid_from_period,
    rules.valid_to_period
from marts.dim_rule as rules
left join marts.dim_code as severities
    on rules.severity = severities.code
    and severities.field = 'severity'
