with

periods as (

    select * from {{ ref('stg_run__periods') }}

)

select
    period,
    cast(year as integer) as year,
    cast(quarter as integer) as quarter,
    starts_on,
    ends_on,
    window_closes_on,
    window_status,
    method_version
from periods
