-- PP 2/2018: 43 services, every sector owed by both tiers; a change of the catalogue changes this test
with

services as (

    select * from {{ ref('services') }}
    where valid_to_period is null

),

sectors as (

    select * from {{ ref('sectors') }}

),

counted as (

    select
        tier,
        count(*) as services,
        count(distinct sector_code) as sectors
    from services
    group by tier

),

expected as (

    select
        'province' as tier,
        14 as services

    union all

    select
        'regency_city' as tier,
        29 as services

)

select
    expected.tier,
    counted.services,
    counted.sectors
from expected
left join counted
    on expected.tier = counted.tier
where
    counted.services is distinct from expected.services
    or counted.sectors is distinct from (select count(*) from sectors)
