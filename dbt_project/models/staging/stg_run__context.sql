with

context as (

    select * from {{ source('raw', 'run_context') }}

)

select
    -- the release that is current when the run starts; none before the first
    release_before,
    columns_before,
    new_registry_periods,
    new_code_periods,
    known_until
from context
