-- Siapa yang terlambat, dan berapa hari?
-- Who was late, and by how many days?
select region_name, received_on, window_closes_on, days_late
from bi.region_quarter
where is_latest and days_late > 0
order by days_late desc, region_code
limit 5
