with

periods as (

    select * from {{ ref('stg_run__periods') }}

),

scores as (

    select * from {{ ref('mart_region_score') }}
    where method_version is not null

),

sectors as (

    select * from {{ ref('sectors') }}

),

stage_codes as (

    select code from {{ ref('code_labels') }}
    where field = 'stage'

),

methods as (

    select * from {{ ref('methods') }}

),

editions as (

    select * from {{ ref('award_editions') }}

),

weights as (

    select * from {{ ref('award_weights') }}

),

formulas as (

    select
        edition,
        max(value) filter (where criterion = 'team') as points_of_team,
        max(value) filter (where criterion = 'action_plan') as points_of_plan,
        max(value) filter (where criterion = 'reporting') as points_when_late
    from {{ ref('award_formulas') }}
    group by edition

),

budgets as (

    {{ of_every_period('mart_budget', ['region_code', 'period', 'sector_code', 'allocated_idr', 'spent_idr']) }}

),

stages as (

    {{ of_every_period(
        'mart_stage',
        ['region_code', 'period', 'sector_code', 'stage', 'target', 'realised', 'realised_percent', 'status']
    ) }}

),

records as (

    {{ of_every_period(
        'fct_stage', ['current_region_code', 'period', 'record', 'target', 'realised', 'status']
    ) }}

),

compliance as (

    {{ of_every_period('mart_compliance', ['current_region_code', 'period', 'timeliness']) }}

),

-- a year is judged from the quarters of it that are published, and its state is that of the last of them
years as (

    select
        periods.year,
        count(distinct scores.period) as n_periods,
        string_agg(distinct scores.period, ', ' order by scores.period) as periods,
        max(scores.period) as last_period
    from scores
    inner join periods
        on scores.period = periods.period
    group by periods.year

),

-- what is owed and not there counts by the policy of the method: 0, or it leaves its mean
regions as (

    select
        scores.*,
        years.year,
        years.n_periods,
        years.periods,
        years.last_period,
        editions.edition,
        editions.verified_by,
        formulas.points_of_team,
        formulas.points_of_plan,
        formulas.points_when_late,
        case when methods.missing = 'zero' then cast(0 as hugeint) end as missing_points
    from years
    inner join scores
        on years.last_period = scores.period
    inner join editions
        on years.year >= editions.valid_from_year
        and (years.year <= editions.valid_to_year or editions.valid_to_year is null)
    inner join formulas
        on editions.edition = formulas.edition
    inner join methods
        on scores.method_version = methods.method_version

),

sector_budgets as (

    select
        region_code,
        period,
        sector_code,
        cast(sum(allocated_idr) as decimal(38, 12)) as allocated_idr,
        cast(sum(spent_idr) as decimal(38, 12)) as spent_idr
    from budgets
    where period in (select years.last_period from years)
    group by region_code, period, sector_code

),

budget_points as (

    select
        regions.region_code,
        regions.year,
        case
            when sector_budgets.allocated_idr = 0 then null
            when sector_budgets.allocated_idr is null or sector_budgets.spent_idr is null then regions.missing_points
            else {{ points_of_ratio(
                'least(sector_budgets.spent_idr, sector_budgets.allocated_idr)', 'sector_budgets.allocated_idr'
            ) }}
        end as points
    from regions
    cross join sectors
    left join sector_budgets
        on regions.region_code = sector_budgets.region_code
        and regions.last_period = sector_budgets.period
        and sectors.sector_code = sector_budgets.sector_code

),

-- without a target the value itself is the percent
stage_cells as (

    select
        region_code,
        period,
        sector_code,
        stage,
        status = 'not_applicable' as is_not_applicable,
        case
            when realised_percent is not null then {{ points_of('cast(realised_percent as decimal(38, 12))') }}
            when target is null and realised >= 0 then {{ points_of('cast(least(realised, 100) as decimal(38, 12))') }}
        end as points
    from stages
    where period in (select years.last_period from years)

),

stage_points as (

    select
        regions.region_code,
        regions.year,
        case
            when coalesce(of_sector.is_not_applicable, of_region.is_not_applicable, false) then null
            when of_sector.region_code is not null then coalesce(of_sector.points, regions.missing_points)
            else coalesce(of_region.points, regions.missing_points)
        end as points
    from regions
    cross join sectors
    cross join stage_codes
    left join stage_cells as of_sector
        on regions.region_code = of_sector.region_code
        and regions.last_period = of_sector.period
        and sectors.sector_code = of_sector.sector_code
        and stage_codes.code = of_sector.stage
    left join stage_cells as of_region
        on regions.region_code = of_region.region_code
        and regions.last_period = of_region.period
        and of_region.sector_code is null
        and stage_codes.code = of_region.stage

),

-- a team is set up once and a plan made once a year: the last quarter that says something of it holds
last_records as (

    select
        records.*,
        periods.year
    from records
    inner join periods
        on records.period = periods.period
    where records.record in ('team', 'action_plan')
    qualify
        records.period = max(records.period) over (
            partition by records.current_region_code, records.record, periods.year
        )

),

-- done in full where a value stands without a target
record_points as (

    select
        regions.region_code,
        regions.year,
        last_records.record as criterion,
        case
            when last_records.status = 'not_applicable' then null
            when last_records.realised is null then regions.missing_points
            when last_records.target > 0
                then {{ points_of_ratio('least(last_records.realised, last_records.target)', 'last_records.target') }}
            when last_records.realised > 0 then 100 * {{ ten_to(27) }}
            else cast(0 as hugeint)
        end
        * case last_records.record when 'team' then regions.points_of_team else regions.points_of_plan end
        // 100 as points
    from regions
    inner join last_records
        on regions.current_region_code = last_records.current_region_code
        and regions.year = last_records.year

),

timeliness as (

    select
        regions.region_code,
        regions.year,
        bool_or(compliance.timeliness != 'missing') as has_reported,
        (
            sum(case compliance.timeliness when 'on_time' then 100 when 'late' then regions.points_when_late else 0 end)
            * {{ ten_to(27) }}
        ) // count(*) as points
    from regions
    inner join periods
        on regions.year = periods.year
    inner join compliance
        on regions.current_region_code = compliance.current_region_code
        and periods.period = compliance.period
    group by regions.region_code, regions.year

),

-- null: not applicable, and the criterion leaves the score
criteria as (

    select
        region_code,
        year,
        'index' as criterion,
        coalesce({{ points_of('cast(index as decimal(38, 12))') }}, missing_points) as points
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
    from stage_points
    group by region_code, year
    union all
    select
        region_code,
        year,
        criterion,
        sum(points) // nullif(count(points), 0) as points
    from record_points
    group by region_code, year, criterion
    union all
    select
        regions.region_code,
        regions.year,
        owed.criterion,
        regions.missing_points as points
    from regions
    cross join (select unnest(['team', 'action_plan']) as criterion) as owed
    left join last_records
        on regions.current_region_code = last_records.current_region_code
        and regions.year = last_records.year
        and owed.criterion = last_records.record
    where last_records.record is null
    union all
    select
        region_code,
        year,
        'reporting' as criterion,
        points
    from timeliness

),

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

-- a region that sent no report in the year has no score, whatever the press says of its index
scored as (

    select
        regions.*,
        weighed.* exclude (region_code, year),
        timeliness.has_reported,
        case when timeliness.has_reported then {{ settled('weighed.score_points') }} end as score_settled,
        coalesce(regions.is_ranked and timeliness.has_reported and weighed.score_points is not null, false) as has_rank
    from regions
    inner join weighed
        on regions.region_code = weighed.region_code
        and regions.year = weighed.year
    left join timeliness
        on regions.region_code = timeliness.region_code
        and regions.year = timeliness.year

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
        case when has_reported then {{ shown(settled(criterion ~ '_points'), 'null', 6) }} end as criterion_{{ criterion }},
    {% endfor -%}
    {{ shown('score_settled', 'null', 6) }} as score,
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
