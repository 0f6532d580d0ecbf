-- Whose a document may be: what each place that sent it may report for, and when it came from those that may.
-- Keep out: documents of which no place is bound to regions.
with

receipts as (

    select * from {{ ref('stg_landing__receipts') }}
    where reading_id = last_reading_id

),

states as (

    select * from {{ ref('int_regions__states') }}

),

names as (

    select * from {{ ref('int_regions__names') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

sendings as (

    select
        *,
        regions is not null or is_bound_by_folder as is_bound
    from receipts
    qualify bool_or(regions is not null or is_bound_by_folder) over (partition by sha256)

),

-- a folder is called by the code of its region, with its name behind it or without: what only looks so is nobody's
folders as (

    select
        folder,
        nullif(regexp_extract(folder, '^([0-9]{2}(\.[0-9]{2})?)([ _-][ -~]+)?$', 1), '') as code,
        nullif(regexp_extract(folder, '^([0-9]{2}(\.[0-9]{2})?)([ _-][ -~]+)?$', 3), '') as name
    from (
        select distinct folder from sendings
        where is_bound_by_folder
    ) as given

),

bound_folders as (

    select
        folders.folder,
        any_value(states.current_region_code) as current_region_code
    from folders
    inner join states
        on folders.code = states.region_code
    left join names
        on region_name_key(folders.name) = names.name_key
        and states.current_region_code = names.current_region_code
    where folders.name is null or names.name_key is not null
    group by folders.folder

),

reported as (

    select distinct
        rows.document_id,
        regions.region_code,
        regions.current_region_code,
        regions.period
    from {{ ref('stg_landing__rows') }} as rows
    inner join {{ ref('int_rows__regions') }} as regions
        on rows.region_text = regions.region_text
        and rows.region_codes = regions.region_codes
        and rows.period = regions.period
    where regions.region_code is not null and rows.document_id in (select sendings.document_id from sendings)
    union
    -- a document that nobody could read is of whom it says to be no more than any other
    select
        named.document_id,
        named.region_code,
        states.current_region_code,
        named.period
    from {{ ref('int_documents__named') }} as named
    inner join periods
        on named.period = periods.period
    inner join states
        on named.region_code = states.region_code
        and {{ is_state_on('states', 'periods.ends_on') }}
    where named.document_id in (select sendings.document_id from sendings)

),

-- a code is that of one government, whatever its code was or became; a pattern takes those of its day and of today
of_lists as (

    select distinct
        listed.regions,
        reported.region_code,
        reported.current_region_code
    from (
        select
            regions,
            unnest(regions) as pattern
        from (
            select distinct regions from sendings
            where regions is not null
        ) as lists
    ) as listed
    cross join (select distinct
        region_code,
        current_region_code
    from reported) as reported
    left join states
        on listed.pattern = states.region_code
    where
        reported.region_code glob listed.pattern
        or reported.current_region_code glob listed.pattern
        or reported.current_region_code = states.current_region_code

),

judged as (

    select
        reported.*,
        sendings.source,
        sendings.folder,
        sendings.name,
        sendings.is_bound,
        sendings.arrival,
        sendings.received_at,
        sendings.stored_at,
        not sendings.is_bound
        or coalesce(bound_folders.current_region_code = reported.current_region_code, false)
        or of_lists.regions is not null as is_allowed,
        -- the one region that the place speaks for
        coalesce(
            bound_folders.current_region_code,
            case when len(sendings.regions) = 1 then own.current_region_code end
        ) as sender_current_code,
        'sumber / source ' || concat_ws('/', sendings.source, case when sendings.is_bound_by_folder then sendings.folder end)
        || '; boleh / allowed ' || case
            when not sendings.is_bound_by_folder then array_to_string(sendings.regions, ', ')
            else
                coalesce(
                    bound_folders.current_region_code,
                    '-: nama folder bukan kode daerah / the folder is not called by a code'
                )
        end as place
    from reported
    inner join sendings
        on reported.document_id = sendings.document_id
    left join bound_folders
        on sendings.folder = bound_folders.folder
        and sendings.is_bound_by_folder
    left join of_lists
        on sendings.regions = of_lists.regions
        and reported.region_code = of_lists.region_code
        and reported.current_region_code = of_lists.current_region_code
    left join (select distinct
        region_code,
        current_region_code
    from states) as own
        on sendings.regions[1] = own.region_code

),

by_submission as (

    select
        document_id,
        region_code,
        current_region_code,
        period,
        bool_or(is_allowed) as is_allowed,
        min(arrival) filter (where is_allowed) as first_arrival,
        max(arrival) filter (where is_allowed) as arrival,
        min(received_at) filter (where is_allowed) as received_at,
        case when count(*) filter (where is_allowed) > 1 then max(received_at) filter (where is_allowed) end as sent_again_at,
        min(stored_at) filter (where is_allowed) as stored_at,
        arg_max(
            {'source': source, 'folder': folder, 'name': name},
            {'arrival': arrival, 'source': source, 'folder': folder, 'name': name}
        ) filter (where is_allowed) as origin,
        -- the place that sent it last: whether it was let speak for the region by name
        arg_max(is_bound, {'arrival': arrival, 'is_bound': is_bound}) filter (where is_allowed) as is_bound,
        string_agg(
            distinct place, '; '
            order by place
        ) filter (where not is_allowed) as refused_places,
        min(sender_current_code) filter (where not is_allowed) as sender_current_code
    from judged
    group by document_id, region_code, current_region_code, period

)

select
    by_submission.* exclude (sender_current_code, current_region_code),
    senders.region_code as sender_region_code
from by_submission
inner join periods
    on by_submission.period = periods.period
left join states as senders
    on by_submission.sender_current_code = senders.current_region_code
    and {{ is_state_on('senders', 'periods.ends_on') }}
