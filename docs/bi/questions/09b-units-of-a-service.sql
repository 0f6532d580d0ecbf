-- Layanan yang dihitung dalam lebih dari satu satuan.
-- Services that are counted in more than one unit.
select service_code, count(distinct unit_code) as units, string_agg(distinct unit_code, ', ' order by unit_code) as codes
from bi.not_served_quarter
where is_latest
group by service_code
having count(distinct unit_code) > 1
order by units desc, service_code
