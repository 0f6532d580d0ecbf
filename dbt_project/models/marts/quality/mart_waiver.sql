with

waivers as (

    select * from {{ ref('int_rule_inputs__waivers') }}

)

select
    waiver_id,
    waived_rule_id as rule_id,
    region_code,
    period,
    sector_code,
    waived_subject as subject,
    reason_id,
    reason_en,
    approver,
    letter,
    granted_on,
    expires_on,
    case
        when findings_waived > 0 then 'applied'
        when findings_too_late > 0 then 'expired'
        else 'unused'
    end as outcome,
    findings_waived,
    findings_too_late
from waivers
