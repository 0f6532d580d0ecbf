-- Peringkat yang paling turun sejak triwulan lalu.
-- Ranks that fell most since the quarter before.
select region_name, level, rank_national + rank_change as rank_before, rank_national, rank_change, index_display
from bi.region_quarter
where is_latest and rank_change is not null
order by rank_change, region_code
limit 6
