-- Berapa daerah dapat dibandingkan dengan tahun lalu, dan berapa yang turun?
-- How many regions compare with last year, and how many fell?
select level, count(change_from_previous_year) as compared, count(*) as regions,
    sum(case when change_from_previous_year < 0 then 1 else 0 end) as fell
from bi.region_quarter
where is_latest
group by level
order by level
