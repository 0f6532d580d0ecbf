-- Provinsi dengan paling banyak daerah yang tidak mengirim atau kirimannya ditolak.
-- Provinces with most regions that sent nothing or were refused.
select province_name, count(*) as regions, string_agg(region_name, ', ' order by region_code) as names
from bi.region_quarter
where is_latest and reporting_status in ('not_sent', 'refused')
group by province_code, province_name
order by regions desc, province_code
limit 5
