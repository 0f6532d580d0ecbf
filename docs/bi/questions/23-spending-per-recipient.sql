-- Belanja per orang yang berhak.
-- Spending per person entitled.
select region_name, spent_idr / target_population as per_recipient
from bi.region_quarter
where is_latest and province_code = '64' and spent_idr is not null and target_population > 0
order by per_recipient, region_code
