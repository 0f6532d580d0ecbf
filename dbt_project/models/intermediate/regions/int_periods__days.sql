with

periods as (

    select * from {{ ref('periods') }}

)

select cast(unnest(generate_series(cast(starts_on as timestamp), ends_on, interval 1 day)) as date) as date_day
from periods
