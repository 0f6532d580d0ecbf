-- from the horizon (2005-01-01) on, the province of a regency or city is valid on each of its days:
-- on the first one, and again on the day after any state of the province ends
with

states as (

    select
        region_code,
        province_code,
        level,
        greatest(coalesce(valid_from, cast('0001-01-01' as date)), cast('2005-01-01' as date)) as starts_on,
        coalesce(valid_to, cast('9999-12-31' as date)) as ends_before
    from {{ ref('regions') }}

),

provinces as (

    select * from states
    where level = 'province'

),

children as (

    select * from states
    where level <> 'province'

),

days_to_cover as (

    select
        region_code,
        province_code,
        starts_on as day_on
    from children
    where starts_on < ends_before

    union all

    select
        children.region_code,
        children.province_code,
        provinces.ends_before as day_on
    from children
    inner join provinces
        on
        children.province_code = provinces.region_code
        and provinces.ends_before > children.starts_on
        and provinces.ends_before < children.ends_before

)

select days_to_cover.*
from days_to_cover
left join provinces
    on
    days_to_cover.province_code = provinces.region_code
    and days_to_cover.day_on >= provinces.starts_on
    and days_to_cover.day_on < provinces.ends_before
where provinces.region_code is null
