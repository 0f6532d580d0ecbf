with

numbered as (

    select
        *,
        cast(substr(split_part(release_id, '-', 1), 2) as integer) as release_number
    from marts.mart_release

)

select
    release_id,
    release_number,
    release_number = (select max(latest.release_number) from numbered as latest) as is_current,
    published_at,
    cast(published_at at time zone 'Asia/Jakarta' as date) as published_on,
    release_before,
    periods,
    is_demo,
    regions_expected,
    documents_received,
    rows_received,
    rows_accepted,
    rows_superseded,
    rows_quarantined,
    gate_result,
    manifest_sha256
from numbered
