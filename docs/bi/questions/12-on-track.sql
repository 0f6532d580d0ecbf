-- Berapa daerah akan mencapai target akhir tahun menurut lajunya?
-- How many regions are on track for the end of the year?
select level, sum(case when is_on_track then 1 else 0 end) as on_track, sum(case when is_on_track is null then 1 else 0 end) as unknown, count(*) as regions
from bi.region_quarter
where period = '2024-Q3'
group by level
order by level
