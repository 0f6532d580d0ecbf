-- Peringkat kabupaten/kota di satu provinsi, triwulan terakhir.
-- Ranking within a province, latest quarter.
select rank_province, n_province, region_name, index_display, band_name_id, change_from_previous_period, change_from_previous_year
from bi.region_quarter
where province_name = 'Kalimantan Timur' and level <> 'province' and is_latest
order by rank_province nulls last, region_code
