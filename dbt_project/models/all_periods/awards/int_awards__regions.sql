with

periods as (

    select * from {{ ref('stg_run__periods') }}

),

scores as (

    select * from {{ ref('mart_region_score') }}
    where method_version is not null

),

compliance as (

    select * from {{ ref('int_all_periods__compliance') }}

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

reports as (

    select
        compliance.current_region_code,
        periods.year,
        count(*) as quarters_owed,
        count(*) filter (where compliance.timeliness = 'on_time') as quarters_on_time,
        count(*) filter (where compliance.timeliness = 'late') as quarters_late
    from compliance
    inner join periods
        on compliance.period = periods.period
    group by compliance.current_region_code, periods.year

)

select
    scores.region_code,
    scores.current_region_code,
    scores.region_name,
    scores.level,
    scores.province_code,
    scores.province_name,
    scores.index,
    scores.is_ranked,
    scores.method_version,
    years.year,
    years.n_periods,
    years.periods,
    years.last_period,
    reports.quarters_owed,
    reports.quarters_on_time,
    reports.quarters_late,
    editions.edition,
    editions.verified_by,
    formulas.points_of_team,
    formulas.points_of_plan,
    formulas.points_when_late,
    -- what is owed and not there counts by the policy of the method: 0, or it leaves its mean
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
left join reports
    on scores.current_region_code = reports.current_region_code
    and years.year = reports.year
