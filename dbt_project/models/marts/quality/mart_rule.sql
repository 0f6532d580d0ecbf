with

assessed as (

    select * from {{ ref('int_rules__assessed') }}
    union all
    {{ assessed_of(document_rules(), ref('mart_document')) }}

),

rules as (

    select * from {{ ref('rules') }}

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
