-- a rule judges a quarter by one value of each parameter, and by one in every quarter that it judges
with

parameters as (

    select * from {{ ref('rule_parameters') }}

),

rules as (

    select * from {{ ref('rules') }}

),

named as (

    select distinct
        rule_id,
        parameter
    from parameters

),

judged_by as (

    select
        named.rule_id,
        named.parameter,
        periods.period,
        count(parameters.rule_id) as value_count
    from named
    inner join rules
        on named.rule_id = rules.rule_id
    inner join {{ ref('periods') }} as periods
        on coalesce(rules.valid_from_period <= periods.period, true)
        and coalesce(rules.valid_to_period >= periods.period, true)
    left join parameters
        on named.rule_id = parameters.rule_id
        and named.parameter = parameters.parameter
        and coalesce(parameters.valid_from_period <= periods.period, true)
        and coalesce(parameters.valid_to_period >= periods.period, true)
    group by named.rule_id, named.parameter, periods.period

)

select * from judged_by
where value_count != 1
