with

stages as (

    select * from {{ ref('fct_stage') }}
    where record = 'stage'

),

labels as (

    select * from {{ ref('code_labels') }}
    where field = 'stage'

)

select
    region_code,
    current_region_code,
    period,
    sector_code,
    stage,
    -- a text of the sender's own is no code
    labels.code as stage_code,
    target,
    realised,
    case
        when target > 0 and realised is not null
            then {{ display(round_to_1e15(percent_units_of_decimals('least(realised, target)', 'target')), 'null', 6) }}
    end as realised_percent,
    status
from stages
left join labels
    on stages.stage = labels.code
