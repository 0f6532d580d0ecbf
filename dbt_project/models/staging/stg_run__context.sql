with

context as (

    select * from {{ source('raw', 'run_context') }}

)

select
    -- the release that is current when the run starts; none before the first
    release_before,
    columns_before,

    -- an early release does not know its registry: its code differs, which says enough
    coalesce(registry_before != registry_now, false) as is_registry_new,
    coalesce(code_before != code_now, false) as is_code_new
from context
