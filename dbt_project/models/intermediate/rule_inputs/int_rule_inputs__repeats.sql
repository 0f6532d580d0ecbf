with

readable as (

    select resolved.*
    from {{ ref('int_rows__resolved') }} as resolved
    left join {{ ref('int_rows__unreadable') }} as unreadable
        on resolved.row_id = unreadable.row_id
    where unreadable.row_id is null

),

named as (

    select
        row_id,
        document_id,
        row_number,
        submission_id,
        record,
        region_code,
        period,
        sector_code,
        coalesce(sector_code, legacy_sector_name, '') as sector_key,
        subject,
        row_ref,
        target_text,
        realised_text,
        arrival,
        coalesce(sent_at, received_at) as said_at,
        -- a time that is none orders nothing
        submitted_at_text is not null and sent_at is null as is_time_undecided,
        record = 'published_index' as is_published,
        is_refused,
        not is_blank as is_filled_in,
        coalesce(cast(target as varchar), target_notation) || '|' || coalesce(cast(realised as varchar), realised_notation)
            as both_numbers
    from readable

),

-- what a region sent again later in the same document is the later one
repeated as (

    select
        *,
        is_filled_in
        and said_at < max(said_at) filter (where is_filled_in) over same_thing
        and not bool_or(is_filled_in and is_time_undecided) over same_thing as is_outdated,
        row_number() over (
            partition by document_id, record, region_code, period, sector_key, subject, is_filled_in
            order by said_at desc, row_number asc
        ) as repeat_number
    from named
    window same_thing as (partition by document_id, record, region_code, period, sector_key, subject)

),

counted as (

    select
        *,
        count(*) over same_thing as repeat_count,
        min(both_numbers) over same_thing != max(both_numbers) over same_thing as is_contradicted
    from repeated
    window
        same_thing as (
            partition by document_id, record, region_code, period, sector_key, subject, is_filled_in, is_outdated
        )

)

select
    row_id,
    document_id,
    submission_id,
    region_code,
    period,
    sector_code,
    sector_key,
    is_published,
    is_filled_in,
    arrival,
    said_at,
    is_outdated,
    repeat_number,
    -- a row that was left blank says nothing again
    repeat_count > 1 and not is_outdated and is_filled_in and is_refused is not true as is_repeated,
    is_contradicted,
    case when repeat_count > 1 then row_ref end as row_ref,
    case when repeat_count > 1 then concat_ws(' / ', target_text, realised_text) end as both_texts
from counted
