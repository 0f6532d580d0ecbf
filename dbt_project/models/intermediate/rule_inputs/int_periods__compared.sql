{{ config(materialized='view') }}

with

periods as (

    select * from {{ ref('stg_run__periods') }}

),

limits as (

    select * from {{ ref('int_rules__limits') }}

)

-- pipelines/registry/comparisons.py says the same: what is compared with a changed quarter is built again
select
    periods.period,
    compared.period as compared_period,
    coalesce(periods.previous_period = compared.period, false) as is_quarter_before,
    case when periods.quarter = compared.quarter then periods.year - compared.year end as years_before,
    periods.year = compared.year as is_same_year
from periods
inner join limits
    on periods.period = limits.period
inner join periods as compared
    on periods.previous_period = compared.period
    or (periods.year = compared.year and periods.period > compared.period)
    or (
        periods.quarter = compared.quarter
        and periods.year > compared.year
        and periods.year - compared.year <= limits.out_001_most_years
    )
