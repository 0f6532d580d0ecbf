-- what cannot be read is never accepted, in no quarter: these rules have no validity and no waiver
select
    rule_id,
    severity,
    scope
from {{ ref('rules') }}
where
    (
        severity = 'fatal' and scope in ('document', 'row')
        and (valid_from_period is not null or valid_to_period is not null or is_waivable)
    )
    or valid_from_period > valid_to_period
