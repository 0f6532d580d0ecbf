select * from {{ ref('int_scores__region_ranks') }}
union all by name
select * exclude (rank_change, change_from_previous_period, change_from_previous_year)
from {{ ref('stg_published__mart_region_score') }}
where period not in (
    select periods.period from {{ ref('stg_run__periods') }} as periods
    where periods.is_in_run
)
