-- Tren tiap bidang satu daerah, pada sumbu waktu.
-- Trend of each sector of a region, on a time axis.
select quarter_end, sector_name_id, index
from bi.sector_quarter
where current_region_code = '64.71' and index is not null
order by quarter_end, sector_order
