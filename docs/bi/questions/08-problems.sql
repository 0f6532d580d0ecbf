-- Permasalahan terbanyak (hanya bagi yang boleh membaca kata-kata daerah).
-- Most frequent problems (for those who may read words of regions).
select category, count(*) as problems, count(distinct region_code) as regions
from bi.problem
where is_latest
group by category
order by problems desc, category
limit 8
