-- Berapa poin indeks yang hilang karena tiap layanan?
-- How many points of the index does each service cost?
select service_name_id, index, points_lost
from bi.service_quarter
where is_latest and region_code = '64.71'
order by points_lost desc, service_order, service_code
limit 6
