with

accepted_before as (

    select * from {{ ref('int_restatements__accepted_before') }}

),

reported_before as (

    select distinct
        region_code,
        period
    from accepted_before
    where not is_published_index

),

changed as (

    select
        document_id,
        period,
        region_code,
        sector_code,
        is_published_index,
        is_read_anew
    from {{ ref('int_restatements__documents') }}
    union all
    select
        document_id,
        period,
        region_code,
        sector_code,
        is_published_index,
        false as is_read_anew
    from {{ ref('int_restatements__corrections') }}

),

-- what the press said of a region does not make its first report a correction
accepted_kinds as (

    select distinct
        region_code,
        period,
        sector_code,
        is_published_index
    from accepted_before

),

judged as (

    select
        changed.*,
        accepted_kinds.region_code is not null as was_reported
    from changed
    left join accepted_kinds
        on changed.region_code = accepted_kinds.region_code
        and changed.period = accepted_kinds.period
        and changed.sector_code is not distinct from accepted_kinds.sector_code
        and changed.is_published_index = accepted_kinds.is_published_index

),

scoped as (

    select
        'sector' as scope,
        *
    from judged
    where sector_code is not null
    union all
    select
        'region' as scope,
        * replace (cast(null as varchar) as sector_code)
    from judged

)

select
    scoped.scope,
    scoped.region_code,
    scoped.period,
    scoped.sector_code,
    case
        when bool_and(scoped.is_read_anew) then 'new_reference_data'
        when bool_or(scoped.was_reported and not scoped.is_read_anew) then 'correction'
        else 'late_data'
    end as reason,
    list(distinct scoped.document_id order by scoped.document_id) as documents,
    -- the first report of a region moves its sectors that the report is silent about, too
    bool_and(reported_before.region_code is null) as is_first_report
from scoped
left join reported_before
    on scoped.region_code = reported_before.region_code
    and scoped.period = reported_before.period
group by scoped.scope, scoped.region_code, scoped.period, scoped.sector_code
