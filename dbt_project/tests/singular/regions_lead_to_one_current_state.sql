-- every state, however old, leads to exactly one region of today
with

states as (

    select * from {{ ref('int_regions__states') }}

)

select
    states.region_code,
    states.valid_from,
    count(today.region_code) as current_states
from states
left join states as today
    on
    states.current_region_code = today.region_code
    and today.is_current
group by states.region_code, states.valid_from
having count(today.region_code) <> 1
