-- Kemajuan tiap tahapan per bidang.
-- Progress of each stage, by sector.
select sector_code, stage_name_id, sum(realised) as realised, sum(target) as target, 100 * sum(realised) / sum(target) as percent
from bi.stage_quarter
where is_latest and target > 0
group by sector_code, sector_order, stage_name_id, stage_order
order by sector_order, stage_order nulls last, stage_name_id
