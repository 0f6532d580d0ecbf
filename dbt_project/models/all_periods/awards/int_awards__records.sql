with

regions as (

    select * from {{ ref('int_awards__regions') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

records as (

    select * from {{ ref('int_all_periods__stage_records') }}
    where record in ('team', 'action_plan')

),

-- a team is set up once and a plan made once a year: the last quarter that says something of it holds
last_records as (

    select
        records.*,
        periods.year
    from records
    inner join periods
        on records.period = periods.period
    qualify
        records.period = max(records.period) over (
            partition by records.current_region_code, records.record, periods.year
        )

),

-- done in full where a value stands without a target
done as (

    select
        regions.region_code,
        regions.year,
        criteria.criterion,
        case
            when last_records.status = 'not_applicable' then null
            when last_records.realised is null then regions.missing_points
            when last_records.target > 0
                then {{ percent_units_of_decimals('least(last_records.realised, last_records.target)', 'last_records.target') }}
            when last_records.realised > 0 then 100 * {{ ten_to(27) }}
            else cast(0 as hugeint)
        end
        * case criteria.criterion when 'team' then regions.points_of_team else regions.points_of_plan end
        // 100 as points
    from regions
    cross join (select unnest(['team', 'action_plan']) as criterion) as criteria
    left join last_records
        on regions.current_region_code = last_records.current_region_code
        and regions.year = last_records.year
        and criteria.criterion = last_records.record

)

select
    region_code,
    year,
    criterion,
    sum(points) // nullif(count(points), 0) as points
from done
group by region_code, year, criterion
