-- Di mana tenaga kurang?
-- Where are personnel short?
select service_code, item_name_id, unit_name_id, count(*) as regions, sum(shortfall) as shortfall, 100 * sum(realised) / sum(target) as percent
from bi.item_quarter
where is_latest and component = 'personnel' and item_code is not null and realised is not null and target > 0 and not is_doubtful
group by service_code, item_code, item_version, item_name_id, unit_name_id
order by percent, service_code, item_name_id
limit 8
