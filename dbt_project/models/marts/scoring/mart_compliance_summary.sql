with

compliance as (

    select * from {{ ref('mart_compliance') }}

)

select
    period,
    level,
    province_code,
    cast(count(*) as integer) as expected,
    cast(count(*) filter (where timeliness != 'missing') as integer) as reported,
    cast(count(*) filter (where timeliness = 'on_time') as integer) as on_time,
    100 * {{ share("count(*) filter (where timeliness != 'missing')", 'count(*)') }} as percent_reported
from compliance
group by period, level, province_code
