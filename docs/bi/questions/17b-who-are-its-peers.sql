-- Siapa daerah sebandingnya?
-- Who are its peers?
select peer_code, peer_name, peer_province_name, peer_index
from bi.peer_quarter
where is_latest and region_code = '33.07'
order by peer_code
