with

judged as (

    select * from {{ ref('int_rows__judged') }}
    -- an index of the press is no report of the region, and what names no sector of today blocks none
    where region_code is not null and period is not null and sector_code is not null and record is distinct from 'published_index'

),

limits as (

    {{ limits_of(submission_rules()) }}

),

-- swapped is what only two filled columns can show: a target of 0 and a value of 0 say nothing of it
compared as (

    select
        judged.*,
        limits.* exclude (period),
        judged.rule_id is null
        and judged.record = 'achievement'
        and judged.target > 0
        and judged.realised > 0
        and judged.target != judged.realised as is_compared,
        -- two digits are enough for a ratio, and leave room for the largest value
        judged.realised > judged.target * cast(limits.sub_002_min_ratio as decimal(6, 2)) as is_swapped
    from judged
    inner join limits
        on judged.period = limits.period

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
