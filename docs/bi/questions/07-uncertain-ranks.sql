-- Peringkat yang tidak pasti, per jenis daerah.
-- Ranks that are not firm, by level.
select level, count(rank_national) as ranked, sum(case when is_tied then 1 else 0 end) as tied,
    avg(rank_worst - rank_best) as mean_span
from bi.region_quarter
where is_latest and rank_national is not null
group by level
order by level
