-- Serapan anggaran di samping indeks, per provinsi.
-- Budget absorption beside the index, by province.
select province_name, 100 * sum(spent_idr) / sum(allocated_idr) as absorption, avg(index) as mean_index
from bi.region_quarter
where is_latest and allocated_idr > 0
group by province_code, province_name
order by absorption, province_code
limit 5
