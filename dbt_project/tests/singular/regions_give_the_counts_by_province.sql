-- every date of counts_by_province, counted again; a province missing on either side is a difference
with

published as (

    select * from {{ ref('counts_by_province') }}

),

dates as (

    select distinct as_of from published

),

valid_states as (

    select
        dates.as_of,
        states.*
    from dates
    inner join {{ ref('regions') }} as states
        on
        (states.valid_from is null or states.valid_from <= dates.as_of)
        and (states.valid_to is null or states.valid_to > dates.as_of)

),

by_province as (

    select
        as_of,
        province_code,
        max(case when level = 'province' then name end) as province_name,
        sum(case when level = 'regency' then 1 else 0 end) as regencies,
        sum(case when level = 'city' then 1 else 0 end) as cities,
        sum(case when level <> 'province' and is_autonomous then 1 else 0 end) as autonomous
    from valid_states
    group by as_of, province_code

),

counted as (

    select * from by_province

    union all

    select
        as_of,
        'ALL' as province_code,
        concat(cast(count(*) as varchar), ' provinces') as province_name,
        sum(regencies) as regencies,
        sum(cities) as cities,
        sum(autonomous) as autonomous
    from by_province
    group by as_of

)

select
    coalesce(published.as_of, counted.as_of) as as_of,
    coalesce(published.province_code, counted.province_code) as province_code,
    published.total,
    counted.regencies,
    counted.cities,
    counted.autonomous
from published
full outer join counted
    on
    published.as_of = counted.as_of
    and published.province_code = counted.province_code
where
    published.province_name is distinct from counted.province_name
    or published.regencies is distinct from counted.regencies
    or published.cities is distinct from counted.cities
    or published.total is distinct from counted.regencies + counted.cities
    or published.autonomous is distinct from counted.autonomous
