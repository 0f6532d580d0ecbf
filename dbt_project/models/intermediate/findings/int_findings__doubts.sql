with

findings as (

    select * from {{ ref('int_findings__waived') }}

),

doubting_rules as (

    select * from {{ ref('doubting_rules') }}

)

-- of several rules that doubt a row the first is named; what a letter lets stand is not doubted
select
    findings.row_id,
    min(findings.rule_id) as doubtful_rule_id
from findings
inner join doubting_rules
    on findings.rule_id = doubting_rules.rule_id
where findings.waiver_id is null
group by findings.row_id
