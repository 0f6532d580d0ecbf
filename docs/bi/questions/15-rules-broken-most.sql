-- Aturan yang paling sering dilanggar.
-- Rules broken most.
select rule_id, rule_name_id, severity_name_id, count(*) as findings, count(distinct region_code) as regions
from bi.finding
where is_latest and finding_status <> 'fixed'
group by rule_id, rule_name_id, severity_name_id
order by findings desc, rule_id
limit 8
