with

states as (

    select * from {{ ref('int_regions__states') }}
    where is_current

),

island_groups as (

    select * from {{ ref('island_groups') }}

)

select
    states.region_code as current_region_code,
    states.region_name,
    states.level,
    case when states.level = 'province' then 'province' else 'regency_city' end as tier,
    states.province_code,
    states.province_name,
    island_groups.island_group,
    island_groups.name_id as island_group_name_id,
    island_groups.name_en as island_group_name_en,
    states.bps_code,
    states.is_autonomous
from states
left join island_groups
    on states.province_code = island_groups.province_code
