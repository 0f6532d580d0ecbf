with

regions as (

    select * from {{ ref('int_awards__regions') }}

),

stages as (

    select * from {{ ref('int_awards__stages') }}

),

records as (

    select * from {{ ref('int_awards__records') }}

),

sectors as (

    select * from {{ ref('sectors') }}

),

budgets as (

    select
        region_code,
        period,
        sector_code,
        cast(sum(allocated_idr) as decimal(38, 12)) as allocated_idr,
        cast(sum(spent_idr) as decimal(38, 12)) as spent_idr,
        sum(doubtful_lines) as doubtful_lines
    from {{ ref('int_all_periods__budgets') }}
    group by region_code, period, sector_code

),

-- a sector with nothing to spend leaves the mean, and so does one of which every line is doubted
budget_points as (

    select
        regions.region_code,
        regions.year,
        case
            when budgets.allocated_idr = 0 then null
            when budgets.allocated_idr is null and budgets.doubtful_lines > 0 then null
            when budgets.allocated_idr is null or budgets.spent_idr is null then regions.missing_points
            else {{ percent_units_of_decimals('least(budgets.spent_idr, budgets.allocated_idr)', 'budgets.allocated_idr') }}
        end as points
    from regions
    cross join sectors
    left join budgets
        on regions.region_code = budgets.region_code
        and regions.last_period = budgets.period
        and sectors.sector_code = budgets.sector_code

)

select
    region_code,
    year,
    'index' as criterion,
    coalesce({{ as_percent_units('cast(index as decimal(38, 12))') }}, missing_points) as points
from regions
union all
select
    region_code,
    year,
    'budget' as criterion,
    sum(points) // nullif(count(points), 0) as points
from budget_points
group by region_code, year
union all
select
    region_code,
    year,
    'stages' as criterion,
    sum(points) // nullif(count(points), 0) as points
from stages
group by region_code, year
union all
select
    region_code,
    year,
    criterion,
    points
from records
union all
select
    region_code,
    year,
    'reporting' as criterion,
    (100 * quarters_on_time + points_when_late * quarters_late) * {{ ten_to(27) }} // quarters_owed as points
from regions
where quarters_owed > 0
