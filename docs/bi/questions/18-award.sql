-- Peringkat penghargaan kabupaten.
-- Award ranking of regencies.
select rank, region_name, score
from bi.award
where year = 2024 and level = 'regency' and rank is not null
order by rank, region_code
limit 5
