with

judged as (

    select * from {{ ref('int_rows__judged') }}
    -- an index of the press is no report of the region, and what names no sector of today blocks none
    where region_code is not null and period is not null and sector_code is not null and record is distinct from 'published_index'

),

limits as (

    {{ limits_of(submission_rules()) }}

),

-- what an earlier document of the same quarter says of the same thing: only the two together show a swap
told_before as (

    select
        row_id,
        lag(target) over same_thing as earlier_target
    from judged
    where rule_id is null and record = 'achievement' and target > 0 and realised > 0
    window same_thing as (
        partition by region_code, period, service_code, component, coalesce(item_code, item_key, '')
        order by coalesce(submitted_at, received_at) asc, received_at asc, document_id asc, row_number asc
    )

),

compared as (

    select
        judged.*,
        limits.* exclude (period),
        told_before.earlier_target is not null as is_compared,
        -- above its target, and just what the target was
        judged.realised > judged.target and judged.realised = told_before.earlier_target as is_swapped
    from judged
    inner join limits
        on judged.period = limits.period
    left join told_before
        on judged.row_id = told_before.row_id

)

select
    document_id || '/' || region_code || '/' || period || '/' || sector_code as row_id,
    document_id || '/' || region_code || '/' || period as submission_id,
    document_id,
    region_code,
    period,
    sector_code,
    cast(null as varchar) as service_code,
    sector_code as subject,
    arg_min(row_ref, row_number) as first_ref,
    count(*) as rows_received,
    count(rule_id) as rows_held,
    count(*) filter (where is_compared) as rows_compared,
    count(*) filter (where is_compared and is_swapped) as rows_swapped,
    any_value(sub_001_max_share) as sub_001_max_share,
    any_value(sub_001_min_rows) as sub_001_min_rows,
    any_value(sub_002_min_rows) as sub_002_min_rows,
    any_value(sub_002_min_share) as sub_002_min_share
from compared
group by document_id, region_code, period, sector_code
