-- Kelompok terbesar yang belum dilayani, dalam orang.
-- The largest groups not served, in persons.
select service_code, service_name_id, count(target) as regions, sum(target) as target, sum(served) as served, sum(not_served) as not_served
from bi.not_served_quarter
where is_latest and unit_code = 'person'
group by service_code, service_name_id
order by not_served desc, service_code
limit 12
