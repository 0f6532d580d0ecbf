with

rules as (

    select * from {{ ref('rules') }}

),

parameters as (

    select * from {{ ref('rule_parameters') }}

),

run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run

),

verdicts as (

    select
        period,
        rule_id,
        verdict
    from {{ ref('int_rules__verdicts') }}
    union all
    select
        period,
        rule_id,
        verdict
    from {{ ref('int_rules__waivers') }}
    unpivot (verdict for rule_id in (columns('^[A-Z]+-[0-9]{3}$')))

),

counted as (

    select
        period,
        rule_id,
        count(*) as assessed,
        count_if(verdict['broken']) as broken
    from verdicts
    group by period, rule_id

),

-- a rule that had nothing to look at ran all the same
ran as (

    select
        run_periods.period,
        columns_of_rules.rule_id
    from run_periods
    cross join {{ ref('int_rules__columns') }} as columns_of_rules

),

named_parameters as (

    select distinct
        rule_id,
        parameter
    from parameters

),

-- a rule judges a period by all of its numbers, or not at all
numberless as (

    select distinct
        run_periods.period,
        named.rule_id
    from run_periods
    cross join named_parameters as named
    left join parameters
        on named.rule_id = parameters.rule_id
        and named.parameter = parameters.parameter
        and {{ is_valid_in('parameters', 'run_periods.period') }}
    where parameters.parameter is null

),

assessed as (

    select
        coalesce(ran.period, counted.period) as period,
        coalesce(ran.rule_id, counted.rule_id) as rule_id,
        case when numberless.rule_id is null then coalesce(counted.assessed, 0) end as assessed,
        case when numberless.rule_id is null then coalesce(counted.broken, 0) end as broken
    from ran
    full outer join counted
        on ran.period = counted.period
        and ran.rule_id = counted.rule_id
    left join numberless
        on ran.period = numberless.period
        and ran.rule_id = numberless.rule_id

),

waived as (

    select
        period,
        rule_id,
        count(*) as findings
    from {{ ref('int_findings__waived') }}
    where waiver_id is not null
    group by period, rule_id

)

select
    assessed.period,
    assessed.rule_id,
    rules.severity,
    rules.scope,
    cast(assessed.assessed as bigint) as assessed,
    cast(assessed.broken as bigint) as broken,
    coalesce(waived.findings, 0) as waived,
    -- what is not among the rules, or has no number to judge by, did not judge
    case
        when rules.rule_id is null then 'unknown'
        when assessed.assessed is null then 'no_parameter'
        else 'ran'
    end as status
from assessed
left join rules
    on assessed.rule_id = rules.rule_id
left join waived
    on assessed.period = waived.period
    and assessed.rule_id = waived.rule_id
where rules.rule_id is null or ({{ is_valid_in('rules', 'assessed.period') }})
