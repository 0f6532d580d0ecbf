-- Layanan dengan rata-rata indeks terendah secara nasional.
-- Services with the lowest mean index nationwide.
select service_code, service_name_id, tier, avg(index) as mean_index, count(index) as regions_with_index,
    sum(case when status = 'missing' then 1 else 0 end) as regions_missing
from bi.service_quarter
where is_latest
group by service_code, service_name_id, tier
order by mean_index nulls last, service_code
limit 10
