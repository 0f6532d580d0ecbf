-- Siapa yang tidak melapor sepanjang tahun?
-- Who did not report all year?
select current_region_code, max(region_name) as region_name, count(*) as quarters
from bi.region_quarter
where year = 2024 and reporting_status in ('not_sent', 'refused')
group by current_region_code
having count(*) = 4
order by current_region_code
limit 5
