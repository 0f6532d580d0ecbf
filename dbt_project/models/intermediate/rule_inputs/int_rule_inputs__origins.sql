with

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

senders as (

    select * from {{ ref('int_documents__senders') }}

),

resolved as (

    select * from {{ ref('int_rows__resolved') }}

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}

),

states as (

    select
        named.region_code,
        named.region_name,
        periods.period
    from {{ ref('int_regions__states') }} as named
    inner join {{ ref('stg_run__periods') }} as periods
        on {{ is_state_on('named', 'periods.ends_on') }}

),

-- what was said of each sector and read, whether it counts or a later document does; the press is no report
said as (

    select
        resolved.document_id,
        resolved.submission_id,
        resolved.region_code,
        resolved.period,
        coalesce(resolved.sector_code, resolved.legacy_sector_name, '') as sector_key,
        bool_or(outcomes.outcome = 'accepted') as is_accepted,
        any_value(resolved.arrival) as arrival,
        arg_min(resolved.row_ref, resolved.row_number) as first_ref
    from resolved
    inner join outcomes
        on resolved.row_id = outcomes.row_id
    where
        outcomes.outcome in ('accepted', 'superseded')
        and not resolved.is_blank
        and resolved.record != 'published_index'
    group by
        resolved.document_id, resolved.submission_id, resolved.region_code, resolved.period,
        coalesce(resolved.sector_code, resolved.legacy_sector_name, '')

),

-- where each came from, as far as that may report for the region
placed as (

    select
        said.*,
        case when senders.document_id is null then documents.origin else senders.origin end as origin,
        coalesce(senders.is_bound, false) as is_bound
    from said
    inner join documents
        on said.document_id = documents.document_id
    left join senders
        on said.document_id = senders.document_id
        and said.region_code = senders.region_code
        and said.period = senders.period

),

named as (

    select
        *,
        concat_ws('/', origin['source'], nullif(origin['folder'], ''), origin['name'])
        || ' (' || document_id || ')' as document_named
    from placed

),

-- a sector of which several documents tell: the one that counts, and the last before it, of another origin if there is one
replaced as (

    select
        later.region_code,
        later.period,
        later.sector_key,
        later.document_id,
        later.submission_id,
        later.first_ref,
        later.origin,
        later.document_named,
        earlier.document_id as earlier_document_id,
        earlier.submission_id as earlier_submission_id,
        earlier.first_ref as earlier_first_ref,
        earlier.document_named as earlier_document_named,
        -- of a receipt of before folders were kept the folder is not known
        not later.is_bound and coalesce(
            later.origin['source'] != earlier.origin['source'] or later.origin['folder'] != earlier.origin['folder'],
            false
        ) as is_of_other_origin
    from named as later
    inner join named as earlier
        on later.region_code = earlier.region_code
        and later.period = earlier.period
        and later.sector_key = earlier.sector_key
        and later.document_id != earlier.document_id
    where later.is_accepted and not earlier.is_accepted
    qualify
        row_number() over (
            partition by later.region_code, later.period, later.sector_key
            order by is_of_other_origin desc, earlier.arrival desc, earlier.document_id desc
        ) = 1

),

pairs as (

    select
        region_code,
        period,
        document_id,
        submission_id,
        origin,
        document_named,
        earlier_document_id,
        earlier_submission_id,
        earlier_document_named,
        is_of_other_origin,
        min(first_ref) as first_ref,
        min(earlier_first_ref) as earlier_first_ref,
        string_agg(sector_key, ', ' order by sector_key) as sectors
    from replaced
    group by
        region_code, period, document_id, submission_id, origin, document_named, earlier_document_id,
        earlier_submission_id, earlier_document_named, is_of_other_origin

),

-- the one other region that an origin reports for in the quarter
regions_of_origins as (

    select
        pairs.region_code,
        pairs.document_id,
        pairs.earlier_document_id,
        pairs.period,
        min(own.region_code) as own_region_code,
        arg_max(own.submission_id, own.arrival) as own_submission_id,
        arg_max(own.document_id, own.arrival) as own_document_id,
        arg_max(own.first_ref, own.arrival) as own_first_ref
    from pairs
    inner join (
        select
            region_code,
            period,
            submission_id,
            document_id,
            origin,
            any_value(arrival) as arrival,
            min(first_ref) as first_ref
        from placed
        group by region_code, period, submission_id, document_id, origin
    ) as own
        on pairs.period = own.period
        and pairs.region_code != own.region_code
        and pairs.origin['source'] = own.origin['source']
        and pairs.origin['folder'] is not distinct from own.origin['folder']
    group by pairs.region_code, pairs.document_id, pairs.earlier_document_id, pairs.period
    having count(distinct own.region_code) = 1

),

told as (

    select
        'replacing' as told_as,
        pairs.region_code as told_region_code,
        pairs.submission_id as told_submission_id,
        pairs.document_id as told_document_id,
        pairs.first_ref as told_ref,
        pairs.*
    from pairs
    union all
    select
        'replaced' as told_as,
        region_code,
        earlier_submission_id,
        earlier_document_id,
        earlier_first_ref,
        *
    from pairs
    where is_of_other_origin
    union all
    select
        'sender' as told_as,
        others.own_region_code,
        others.own_submission_id,
        others.own_document_id,
        others.own_first_ref,
        pairs.*
    from pairs
    inner join regions_of_origins as others
        on pairs.region_code = others.region_code
        and pairs.period = others.period
        and pairs.document_id = others.document_id
        and pairs.earlier_document_id = others.earlier_document_id
    where pairs.is_of_other_origin

),

-- the region whose source or folder it is hears of what was refused there
refused as (

    select
        judged.document_id,
        judged.region_code,
        judged.period,
        judged.first_ref,
        senders.refused_places,
        unnest(list_distinct([case when senders.is_allowed then judged.region_code end, senders.sender_region_code]))
            as told_region_code
    from (
        select
            document_id,
            region_code,
            period,
            arg_min(row_ref, row_number) as first_ref
        from resolved
        where region_code is not null and period is not null
        group by document_id, region_code, period
    ) as judged
    inner join senders
        on judged.document_id = senders.document_id
        and judged.region_code = senders.region_code
        and judged.period = senders.period

),

unioned as (

    select
        told_as,
        told_region_code as region_code,
        period,
        told_submission_id as submission_id,
        told_document_id as document_id,
        told_ref as first_ref,
        region_code as reported_region_code,
        document_id || ' ' || earlier_document_id as documents,
        is_of_other_origin,
        document_named || ' ← ' || earlier_document_named || ': ' || sectors as replaced_by,
        cast(null as boolean) as is_bound,
        cast(null as varchar) as refused_places
    from told
    union all
    -- it is none of the sender's documents: it is about the region
    select
        'bound' as told_as,
        told_region_code as region_code,
        period,
        case when told_region_code = region_code then document_id || '/' || region_code || '/' || period end as submission_id,
        case when told_region_code = region_code then document_id end as document_id,
        first_ref,
        region_code as reported_region_code,
        document_id as documents,
        cast(null as boolean) as is_of_other_origin,
        cast(null as varchar) as replaced_by,
        true as is_bound,
        refused_places
    from refused

)

select
    concat_ws('/', unioned.told_as, unioned.region_code, unioned.period, unioned.reported_region_code, unioned.documents)
        as row_id,
    unioned.*,
    cast(null as varchar) as sector_code,
    cast(null as varchar) as service_code,
    -- of the next document of the same two it is the same finding
    concat_ws(' ', unioned.told_as, unioned.reported_region_code) as subject,
    concat_ws(' ', unioned.reported_region_code, states.region_name) as reported_region
from unioned
left join states
    on unioned.reported_region_code = states.region_code
    and unioned.period = states.period
