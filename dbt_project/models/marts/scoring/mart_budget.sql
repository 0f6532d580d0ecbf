with

budgets as (

    select * from {{ ref('fct_budget') }}

),

-- a line that a rule doubts is in no sum; it is counted
summed as (

    select
        region_code,
        current_region_code,
        period,
        sector_code,
        service_code,
        sum(allocated_idr) filter (where not is_doubtful) as allocated_idr,
        sum(spent_idr) filter (where not is_doubtful) as spent_idr,
        count(*) filter (where is_doubtful) as doubtful_lines
    from budgets
    group by region_code, current_region_code, period, sector_code, service_code

)

select
    region_code,
    current_region_code,
    period,
    sector_code,
    service_code,
    cast(allocated_idr as decimal(38, 12)) as allocated_idr,
    cast(spent_idr as decimal(38, 12)) as spent_idr,
    case
        when allocated_idr > 0
            then {{ display(round_to_1e15(percent_units_of_decimals('spent_idr', 'allocated_idr')), 'null', 6) }}
    end as spent_percent,
    cast(doubtful_lines as integer) as doubtful_lines
from summed
