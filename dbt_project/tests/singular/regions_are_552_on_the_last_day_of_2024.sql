-- 38 provinces and 514 regencies and cities, 508 of them autonomous (code decree of 2025, same set)
with

states as (

    select * from {{ ref('regions') }}

),

counted as (

    select
        sum(case when level = 'province' then 1 else 0 end) as provinces,
        sum(case when level <> 'province' then 1 else 0 end) as regencies_and_cities,
        sum(case when level <> 'province' and is_autonomous then 1 else 0 end) as autonomous
    from states
    where
        (valid_from is null or valid_from <= cast('2024-12-31' as date))
        and (valid_to is null or valid_to > cast('2024-12-31' as date))

)

select *
from counted
where
    provinces is distinct from 38
    or regencies_and_cities is distinct from 514
    or autonomous is distinct from 508
