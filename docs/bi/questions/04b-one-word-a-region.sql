-- Setiap daerah dalam satu kata: apa yang terjadi dengan laporannya?
-- Every region in one word: what came of its report?
select reporting_status_name_id, count(*) as regions
from bi.region_quarter
where is_latest
group by reporting_status_name_id, reporting_status_order
order by reporting_status_order
