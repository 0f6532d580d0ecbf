-- Apakah serapan dan indeks bidang berjalan seiring?
-- Does absorption go with the index of the sector?
select sector_code, count(*) as regions,
    corr(cast(spent_idr / allocated_idr as double precision), cast(index as double precision)) as correlation
from bi.sector_quarter
where is_latest and allocated_idr > 0 and spent_idr is not null and index is not null
group by sector_code
order by sector_code
