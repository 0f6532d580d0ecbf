with

-- TODO: what the mart is made from; one idea a CTE, the decision it makes as a comment above its CTE
compliance as (

    select * from {{ ref('mart_compliance') }}

)

select
    region_code,
    period,
    services_owed as todo_measure
from compliance
