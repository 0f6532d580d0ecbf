-- Seberapa sering dan seberapa besar angka tiap triwulan berubah setelah terbit?
-- How often and by how much was each quarter revised after it was published?
select period, count(*) as revisions, count(distinct region_code) as regions, avg(abs(change)) as mean_change, max(abs(change)) as largest
from bi.index_history
where previous_index is not null
group by period
order by period
