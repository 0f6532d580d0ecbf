-- Satu daerah di samping daerah sebandingnya, per bidang.
-- A region beside its peers, by sector.
select sector_code, index, peer_median, difference_from_median, n_peers
from bi.sector_quarter
where is_latest and region_code = '33.07'
order by sector_order
