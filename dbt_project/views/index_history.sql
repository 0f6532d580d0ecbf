with

changes as (

    select
        cells.region_code,
        cells.period,
        releases.release_number,
        cast(cells.old_value as decimal(9, 6)) as previous_index,
        cast(cells.new_value as decimal(9, 6)) as index,
        cells.reason,
        cells.caused_by,
        row_number() over (
            partition by cells.region_code, cells.period
            order by releases.release_number
        ) as revision
    from marts.mart_restatement as cells
    inner join bi.release as releases
        on cells.release_before = releases.release_before
    where
        cells.table_name = 'mart_region_score'
        and cells.column_name = 'index'
        and cells.region_code is not null

),

-- the release that had a quarter first
starts as (

    select
        quarters.period,
        min(releases.release_number) as release_number
    from (select distinct period from marts.mart_region_score) as quarters
    inner join bi.release as releases
        on ', ' || releases.periods || ', ' like '%, ' || quarters.period || ', %'
    group by quarters.period

),

told as (

    select
        scores.region_code,
        scores.period,
        starts.release_number,
        0 as revision,
        cast(null as decimal(9, 6)) as previous_index,
        -- as it was before the first change; what never changed is as it is
        case
            when changes.revision is not null then changes.previous_index
            else cast(scores.index as decimal(9, 6))
        end as index,
        cast(null as varchar) as reason,
        cast(null as varchar) as caused_by
    from marts.mart_region_score as scores
    inner join starts
        on scores.period = starts.period
    left join changes
        on scores.region_code = changes.region_code
        and scores.period = changes.period
        and changes.revision = 1
    union all
    select
        region_code,
        period,
        release_number,
        revision,
        previous_index,
        index,
        reason,
        caused_by
    from changes

)

select
    own.region_code,
    scores.current_region_code,
    scores.region_name,
    scores.level,
    levels.label_id as level_name_id,
    levels.label_en as level_name_en,
    scores.province_code,
    scores.province_name,
    regions.island_group,
    regions.island_group_name_id,
    regions.island_group_name_en,

    own.period,
    periods.year,
    periods.quarter,
    periods.quarter_start,
    periods.quarter_end,
    periods.is_latest,
    cast(own.revision as integer) as revision,
    releases.release_id,
    own.release_number,
    releases.published_on,
    own.previous_index,
    own.index,
    cast(own.index - own.previous_index as decimal(9, 6)) as change,
    own.revision = max(own.revision) over (partition by own.region_code, own.period) as is_current,
    own.reason,
    reasons.label_id as reason_name_id,
    reasons.label_en as reason_name_en,
    own.caused_by
from told as own
inner join bi.release as releases
    on own.release_number = releases.release_number
left join marts.mart_region_score as scores
    on own.region_code = scores.region_code
    and own.period = scores.period
inner join bi.period as periods
    on own.period = periods.period
left join marts.dim_current_region as regions
    on scores.current_region_code = regions.current_region_code
left join marts.dim_code as levels
    on scores.level = levels.code
    and levels.field = 'level'
left join marts.dim_code as reasons
    on own.reason = reasons.code
    and reasons.field = 'reason'
