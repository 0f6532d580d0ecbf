-- Sebaran kategori per provinsi.
-- Bands by province.
select province_name, coalesce(band_name_id, reporting_status_name_id) as band, count(*) as regions
from bi.region_quarter
where is_latest and level <> 'province'
group by province_code, province_name, band_order, coalesce(band_name_id, reporting_status_name_id)
order by province_code, band_order nulls last, band
