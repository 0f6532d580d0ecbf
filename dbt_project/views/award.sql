select
    own.region_code,
    own.current_region_code,
    own.region_name,
    own.level,
    levels.label_id as level_name_id,
    levels.label_en as level_name_en,
    own.province_code,
    own.province_name,
    own.year,
    own.edition,
    own.last_period,
    own.n_periods,
    cast(own.criterion_index as decimal(9, 6)) as criterion_index,
    cast(own.criterion_budget as decimal(9, 6)) as criterion_budget,
    cast(own.criterion_stages as decimal(9, 6)) as criterion_stages,
    cast(own.criterion_team as decimal(9, 6)) as criterion_team,
    cast(own.criterion_action_plan as decimal(9, 6)) as criterion_action_plan,
    cast(own.criterion_reporting as decimal(9, 6)) as criterion_reporting,
    cast(own.score as decimal(9, 6)) as score,
    own.is_ranked,
    own.rank,
    own.n_ranked,
    own.tie_size,
    own.is_verified
from marts.mart_award as own
left join marts.dim_code as levels
    on own.level = levels.code
    and levels.field = 'level'
