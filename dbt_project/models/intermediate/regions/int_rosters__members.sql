-- Who is expected to report for a period: the members that its roster has on its last day.
with

periods as (

    select * from {{ ref('stg_run__periods') }}

),

rosters as (

    select * from {{ ref('rosters') }}

),

states as (

    select * from {{ ref('int_regions__states') }}

)

-- a region that a roster names stays one member where it is autonomous as well
select distinct
    periods.period,
    periods.ends_on,
    states.region_code
from periods
inner join rosters
    on periods.roster = rosters.roster
    and periods.period >= rosters.valid_from_period
    and (periods.period <= rosters.valid_to_period or rosters.valid_to_period is null)
inner join states
    on {{ is_state_on('states', 'periods.ends_on') }}
    and case rosters.members when 'autonomous' then states.is_autonomous else states.region_code = rosters.region_code end
