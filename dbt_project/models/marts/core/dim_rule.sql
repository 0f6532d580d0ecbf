with

rules as (

    select * from {{ ref('rules') }}

)

select
    rule_id,
    severity,
    scope,
    name_id,
    name_en,
    remedy_id,
    remedy_en,
    basis,
    is_waivable,
    valid_from_period,
    valid_to_period
from rules
