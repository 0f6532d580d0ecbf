select
    periods.period,
    periods.year,
    periods.quarter,
    'Triwulan '
    || case periods.quarter when 1 then 'I' when 2 then 'II' when 3 then 'III' else 'IV' end
    || ' ' || cast(periods.year as varchar) as period_name_id,
    'Q' || cast(periods.quarter as varchar) || ' ' || cast(periods.year as varchar) as period_name_en,
    periods.starts_on as quarter_start,
    periods.ends_on as quarter_end,
    case
        when periods.quarter = 1 then cast(periods.year - 1 as varchar) || '-Q4'
        else cast(periods.year as varchar) || '-Q' || cast(periods.quarter - 1 as varchar)
    end as previous_period,
    cast(periods.year - 1 as varchar) || '-Q' || cast(periods.quarter as varchar) as same_quarter_last_year,
    periods.quarter = 4 as is_year_end,
    periods.window_closes_on,
    periods.window_status,
    periods.method_version,
    published.period is not null as is_published,
    -- the last quarter with an index, the one that the site opens with: of the nation, whatever province its reader sees
    coalesce(
        periods.period = coalesce(
            (select max(case when scores.index is not null then scores.period end) from marts.mart_national_score as scores),
            (select max(scores.period) from marts.mart_region_score as scores)
        ),
        false
    ) as is_latest
from marts.dim_period as periods
left join (select distinct scores.period from marts.mart_region_score as scores) as published
    on periods.period = published.period
