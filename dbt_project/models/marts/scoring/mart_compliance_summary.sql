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
    -- these six add up to expected
    cast(count(*) filter (where reporting_status = 'with_index') as integer) as with_index,
    cast(count(*) filter (where reporting_status = 'reported_without_index') as integer) as reported_without_index,
    cast(count(*) filter (where reporting_status = 'press') as integer) as from_press,
    cast(count(*) filter (where reporting_status = 'refused') as integer) as refused,
    cast(count(*) filter (where reporting_status = 'not_sent') as integer) as not_sent,
    cast(count(*) filter (where reporting_status = 'not_yet_due') as integer) as not_yet_due,
    100 * {{ share("count(*) filter (where timeliness != 'missing')", 'count(*)') }} as percent_reported
from compliance
group by period, level, province_code
