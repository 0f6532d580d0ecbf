with

periods as (

    select * from {{ ref('stg_run__periods') }}

),

scores as (

    select * from {{ ref('mart_region_score') }}
    where method_version is not null

),

compliance as (

    {{ of_every_period('mart_compliance', ['current_region_code', 'period', 'timeliness']) }}

),

methods as (

    select * from {{ ref('methods') }}

),

editions as (

    select * from {{ ref('award_editions') }}

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

reporters as (

    select distinct
        compliance.current_region_code,
        periods.year
    from compliance
    inner join periods
        on compliance.period = periods.period
    where compliance.timeliness != 'missing'

)

-- what is owed and not there counts by the policy of the method: 0, or it leaves its mean
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
    reporters.year is not null as has_reported,
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
left join reporters
    on scores.current_region_code = reporters.current_region_code
    and years.year = reporters.year
