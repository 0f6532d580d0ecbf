-- Rata-rata indeks per kelompok pulau.
-- Mean index by group of islands.
select island_group_name_id, count(index) as regions_with_index, avg(index) as mean_index
from bi.region_quarter
where is_latest
group by island_group_name_id
order by mean_index, island_group_name_id
