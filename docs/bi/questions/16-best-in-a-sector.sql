-- Kota terbaik di bidang kesehatan.
-- The best cities in health.
select sector_rank_national, region_name, index
from bi.sector_quarter
where is_latest and sector_code = 'kesehatan' and level = 'city' and sector_rank_national <= 5
order by sector_rank_national, region_code
