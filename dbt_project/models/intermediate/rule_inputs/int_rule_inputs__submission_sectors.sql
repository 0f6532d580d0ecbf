with

received as (

    select
        resolved.*,
        unreadable.row_id is not null as is_unreadable
    from {{ ref('int_rows__resolved') }} as resolved
    left join {{ ref('int_rows__unreadable') }} as unreadable
        on resolved.row_id = unreadable.row_id
    -- an index of the press is no report of the region, and what names no sector of today blocks none
    where
        resolved.submission_id is not null
        and resolved.sector_code is not null
        and resolved.record is distinct from 'published_index'
        and resolved.is_refused is not true

),

-- what an earlier document of the same quarter says of the same thing: only the two together show a swap
said_before as (

    select
        row_id,
        lag(target) over same_thing as earlier_target
    from received
    where not is_unreadable and record = 'achievement' and target > 0 and realised > 0
    window same_thing as (
        partition by region_code, period, service_code, component, coalesce(item_code, item_key, '')
        order by arrival asc, sent_at asc nulls last, document_id asc, row_number asc
    )

),

compared as (

    select
        received.*,
        said_before.earlier_target is not null as is_compared,
        -- above its target, and just what the target was
        received.realised > received.target and received.realised = said_before.earlier_target as is_swapped
    from received
    left join said_before
        on received.row_id = said_before.row_id

)

select
    submission_id || '/' || sector_code as row_id,
    submission_id,
    document_id,
    region_code,
    period,
    sector_code,
    arg_min(row_ref, row_number) as first_ref,
    count(*) as rows_received,
    count(*) filter (where is_unreadable) as rows_held,
    count(*) filter (where is_compared) as rows_compared,
    count(*) filter (where is_compared and is_swapped) as rows_swapped
from compared
group by submission_id, document_id, region_code, period, sector_code
