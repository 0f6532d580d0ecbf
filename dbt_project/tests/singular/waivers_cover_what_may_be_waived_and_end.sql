-- a waiver names a rule that may be waived, runs from an earlier quarter to a later one, and ends after it was granted;
-- the region bears that code in every quarter that it covers
with

waivers as (

    select * from {{ ref('waivers') }}

),

rules as (

    select * from {{ ref('rules') }}

),

periods as (

    select * from {{ ref('periods') }}

),

states as (

    select * from {{ ref('regions') }}

),

homeless as (

    select distinct waivers.waiver_id
    from waivers
    inner join periods
        on periods.period between waivers.first_period and waivers.last_period
    left join states
        on waivers.region_code = states.region_code
        and (states.valid_from is null or states.valid_from <= periods.ends_on)
        and (states.valid_to is null or states.valid_to > periods.ends_on)
    where states.region_code is null

)

select waivers.*
from waivers
left join rules
    on waivers.rule_id = rules.rule_id
left join homeless
    on waivers.waiver_id = homeless.waiver_id
where
    not coalesce(rules.is_waivable, false)
    or waivers.first_period > waivers.last_period
    or waivers.expires_on < waivers.granted_on
    or homeless.waiver_id is not null
