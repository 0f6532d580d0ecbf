with

resolved as (

    select * from {{ ref('int_rows__resolved') }}

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}

),

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

states as (

    select * from {{ ref('int_regions__states') }}

),

-- a document may hold several regions and periods: each is a submission of its own
submissions as (

    select
        resolved.document_id,
        resolved.region_code,
        resolved.period,
        bool_and(coalesce(resolved.record, '') = 'published_index') as is_published_index,
        min(resolved.known_at) filter (where outcomes.rule_id is null and not resolved.is_blank) as first_known_at,
        count(*) as rows_received,
        count(*) filter (where outcomes.outcome = 'accepted') as rows_accepted,
        count(*) filter (where outcomes.outcome = 'superseded') as rows_superseded,
        count(*) filter (where outcomes.outcome = 'quarantined') as rows_quarantined,
        cast(null as varchar) as reject_rule,
        cast(null as varchar) as reject_ref,
        cast(null as varchar) as reject_value
    from resolved
    inner join outcomes
        on resolved.row_id = outcomes.row_id
    group by resolved.document_id, resolved.region_code, resolved.period

),

codes as (

    select distinct
        region_code,
        current_region_code
    from states

),

-- a document that could not be read is the region's whose code, of whatever time, stands in its name
rejected as (

    select
        documents.document_id,
        states.region_code,
        periods.period,
        false as is_published_index,
        cast(null as timestamptz) as first_known_at,
        0 as rows_received,
        0 as rows_accepted,
        0 as rows_superseded,
        0 as rows_quarantined,
        documents.reject_rule,
        documents.ref_prefix || ':' || coalesce(documents.reject_place, '') as reject_ref,
        documents.reject_value
    from documents
    left join periods
        on documents.period_in_name = periods.period
    left join codes
        on documents.region_in_name = codes.region_code
    left join states
        on codes.current_region_code = states.current_region_code
        and {{ is_state_on('states', 'periods.ends_on') }}
    where
        documents.reject_rule is not null
        and coalesce(periods.is_in_run, true)

),

unioned as (

    select * from submissions
    union all
    select * from rejected

)

select
    concat_ws('/', document_id, coalesce(region_code, '-'), coalesce(period, '-')) as row_id,
    *
from unioned
