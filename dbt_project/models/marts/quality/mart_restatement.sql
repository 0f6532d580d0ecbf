with

context as (

    select * from {{ ref('stg_run__context') }}

),

cells as (

    select
        *,
        -- the table whose doubts a cell says, or follows as a sum
        case
            when column_name in ('is_doubtful', 'doubtful_rule_id') then table_name
            when table_name = 'mart_budget' then 'fct_budget'
        end as doubts_of
    from {{ ref('int_restatements__own_causes') }}

),

-- what no release had before this run
new_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run and period not in (select published.period from {{ ref('int_restatements__periods') }} as published)

),

-- the regions that moved by themselves, in every group that has them as peers
moved as (

    select distinct
        period,
        coalesce(own_cause, period_cause, region_cause) as cause,
        unnest([
            'all',
            'level:' || level,
            'province:' || province_code,
            'scope:' || case when level = 'province' then 'province' else 'regency_city' end,
            'scope:' || sector_code
        ]) as peers
    from cells
    where not is_of_others and earlier_period is null

),

-- where several reasons meet, the one that touches most regions by its nature
moved_together as (

    select
        period,
        peers,
        {{ cause('cause.reason', 'list_sort(list_distinct(flatten(list(cause.documents))))') }} as cause
    from moved
    where cause is not null and peers is not null
    group by period, peers, cause.reason
    qualify
        row_number() over (
            partition by period, peers
            order by list_position(
                ['new_method', 'new_reference_data', 'new_code', 'correction', 'late_data', 'window_closed'], cause.reason
            )
        ) = 1

),

moved_indexes as (

    select
        current_region_code,
        region_code,
        period,
        coalesce(own_cause, period_cause).documents as documents
    from cells
    where table_name = 'mart_region_score' and column_name = 'index'

),

-- a doubt compares with earlier quarters and with peers: it may come and go with nothing new from the region
moved_doubts as (

    select distinct
        table_name,
        region_code,
        period,
        sector_code
    from cells
    where column_name = 'is_doubtful'

),

explained as (

    select
        cells.*,
        context.release_before,
        case
            when cells.own_cause is not null then cells.own_cause
            when cells.is_of_others then coalesce(of_peers.cause, of_all.cause, cells.period_cause)
            -- a restated quarter, or one that came in between, moves the changes of the quarters after it
            when
                own_index.period is null
                and (
                    earlier_index.period is not null
                    or cells.earlier_period in (select new_periods.period from new_periods)
                )
                then {{ cause("'routine'", 'earlier_index.documents') }}
            else coalesce(
                cells.period_cause,
                cells.region_cause,
                case when moved_doubts.period is not null then {{ cause("'routine'") }} end
            )
        end as cause
    from cells
    cross join context
    left join moved_together as of_peers
        on cells.period = of_peers.period
        and cells.peers = of_peers.peers
    left join moved_together as of_all
        on cells.period = of_all.period
        and of_all.peers = 'all'
    left join moved_indexes as own_index
        on cells.region_code = own_index.region_code
        and cells.period = own_index.period
    left join moved_indexes as earlier_index
        on cells.current_region_code = earlier_index.current_region_code
        and cells.earlier_period = earlier_index.period
    left join moved_doubts
        on cells.doubts_of = moved_doubts.table_name
        and cells.region_code = moved_doubts.region_code
        and cells.period = moved_doubts.period
        and cells.sector_code is not distinct from moved_doubts.sector_code

)

select
    table_name,
    key,
    column_name,
    region_code,
    period,
    sector_code,
    old,
    new,
    -- figures are no words of senders: those who may not read the texts beside them read these
    case when is_number then try_cast(old as decimal(38, 12)) end as old_value,
    case when is_number then try_cast(new as decimal(38, 12)) end as new_value,
    cause.reason,
    nullif(
        array_to_string(list_slice(cause.documents, 1, 5), ', ')
        || case when len(cause.documents) > 5 then ' +' || (len(cause.documents) - 5) else '' end,
        ''
    ) as caused_by,
    release_before
from explained
