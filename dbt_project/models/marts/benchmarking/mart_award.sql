with

regions as (

    select
        *,
        -- without a report in the year there is no score, whatever the press says of the index
        coalesce(quarters_on_time + quarters_late > 0, false) as has_reported
    from {{ ref('int_awards__regions') }}

),

criteria as (

    select * from {{ ref('int_awards__criteria') }}

),

weights as (

    select * from {{ ref('award_weights') }}

),

-- a criterion without points leaves the score, and the others weigh more
weighed as (

    select
        regions.region_code,
        regions.year,
        max(criteria.points) filter (where criteria.criterion = 'index') as index_points,
        max(criteria.points) filter (where criteria.criterion = 'budget') as budget_points,
        max(criteria.points) filter (where criteria.criterion = 'stages') as stages_points,
        max(criteria.points) filter (where criteria.criterion = 'team') as team_points,
        max(criteria.points) filter (where criteria.criterion = 'action_plan') as action_plan_points,
        max(criteria.points) filter (where criteria.criterion = 'reporting') as reporting_points,
        sum(criteria.points * cast(weights.weight_percent * 1000000 as hugeint))
        // nullif(sum(cast(weights.weight_percent * 1000000 as hugeint)) filter (where criteria.points is not null), 0)
            as score_points
    from regions
    inner join criteria
        on regions.region_code = criteria.region_code
        and regions.year = criteria.year
    inner join weights
        on regions.edition = weights.edition
        and criteria.criterion = weights.criterion
    group by regions.region_code, regions.year

),

scored as (

    select
        regions.*,
        weighed.* exclude (region_code, year),
        case when regions.has_reported then {{ round_to_1e15('weighed.score_points') }} end as score_settled,
        regions.is_ranked and regions.has_reported and weighed.score_points is not null as has_rank
    from regions
    inner join weighed
        on regions.region_code = weighed.region_code
        and regions.year = weighed.year

)

select
    region_code,
    current_region_code,
    region_name,
    level,
    province_code,
    province_name,
    cast(year as integer) as year,
    edition,
    periods,
    cast(n_periods as integer) as n_periods,
    last_period,
    {% for criterion in ['index', 'budget', 'stages', 'team', 'action_plan', 'reporting'] -%}
        {%- set rounded = round_to_1e15(criterion ~ '_points') %}
        case when has_reported then {{ display(rounded, 'null', 6) }} end as criterion_{{ criterion }},
    {% endfor -%}
    {{ display('score_settled', 'null', 6) }} as score,
    has_rank as is_ranked,
    cast(
        case when has_rank then rank() over (partition by year, level, has_rank order by score_settled desc nulls last) end
        as integer
    ) as rank,
    cast(count(*) filter (where has_rank) over (partition by year, level) as integer) as n_ranked,
    cast(
        case when has_rank then count(*) over (partition by year, level, has_rank, score_settled) end as integer
    ) as tie_size,
    method_version,
    verified_by is not null as is_verified,
    verified_by
from scored
