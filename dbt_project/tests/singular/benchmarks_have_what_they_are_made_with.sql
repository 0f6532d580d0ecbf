-- a number that is gone would leave marts empty and say nothing; so would a province without islands
with

needed as (

    select unnest(
        ['peer_count', 'peer_min', 'peer_max_size_percent', 'tie_tolerance', 'tie_min_percent', 'pace_years']
    ) as parameter

),

parameters as (

    select
        'parameter' as what,
        needed.parameter as code
    from needed
    left join {{ ref('benchmark_parameters') }} as parameters
        on needed.parameter = parameters.parameter
    where parameters.value is null or parameters.value <= 0

),

provinces as (

    select
        'province' as what,
        regions.province_code as code
    from {{ ref('regions') }} as regions
    left join {{ ref('island_groups') }} as island_groups
        on regions.province_code = island_groups.province_code
    where island_groups.province_code is null

),

criteria as (

    select
        'criterion' as what,
        editions.edition || ' ' || listed.criterion as code
    from {{ ref('award_editions') }} as editions
    cross join unnest(['index', 'budget', 'stages', 'team', 'action_plan', 'reporting']) as listed (criterion)
    left join {{ ref('award_weights') }} as weights
        on editions.edition = weights.edition
        and listed.criterion = weights.criterion
    left join {{ ref('award_formulas') }} as formulas
        on editions.edition = formulas.edition
        and listed.criterion = formulas.criterion
    where
        weights.criterion is null
        or formulas.criterion is null
        or (listed.criterion in ('team', 'action_plan', 'reporting') and formulas.value is null)

)

select * from parameters
union all
select * from provinces
union all
select * from criteria
