with

context as (

    select * from {{ source('raw', 'run_context') }}

)

select
    -- the release that is current when the run starts; none before the first
    release_before,
    columns_before,

    -- null where it is unknown: a release made before manifests held it
    registry_before is not null and registry_before is distinct from registry_now as is_registry_new,
    release_before is not null and code_before is distinct from code_now as is_code_new
from context
