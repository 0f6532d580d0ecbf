with

receipts as (

    select * from {{ ref('stg_landing__receipts') }}

),

-- bytes that were sent again count from then on: what came in between is no longer the last word
last_receipts as (

    select
        sha256,
        min(arrival) as first_arrival,
        max(arrival) as arrival,
        max(received_at) as received_at,
        min(stored_at) as stored_at,
        arg_max(
            {'source': source, 'folder': folder, 'name': name},
            {'arrival': arrival, 'source': source, 'folder': folder, 'name': name}
        ) as origin
    from receipts
    group by sha256

),

-- the same bytes twice are one document: the source that sent it first, read the way last asked for
first_receipts as (

    select
        -- keys
        sha256,
        source,
        reading_id,
        document_id,
        ref_prefix,

        -- receipt
        name,
        min(received_at) over (partition by sha256) as received_at,
        receipt_time,
        count(*) over (partition by sha256) > 1 as is_sent_again,
        utc_offset_minutes,
        size_bytes,
        row_count,
        region_codes,
        period_from,
        period_to,

        -- what it says of its sender beside its rows
        sender_code,
        ref_prefix || ':' || sender_code_place as sender_code_ref,
        sender_name,
        ref_prefix || ':' || sender_name_place as sender_name_ref,
        form_number,
        ref_prefix || ':' || form_number_place as form_number_ref,

        -- outcome of reading
        reject_rule,
        reject_place,
        reject_value,
        unread,

        -- whose it is, where it was refused: as it says itself, else by its name, as `64.71_2024-Q4.xlsx`
        nullif(trim(reject_region), '') as reject_region,
        coalesce(reject_period, nullif(regexp_extract(name, '(\d{4}-Q[1-4])[^/]*$', 1), '')) as period_told,
        nullif(regexp_extract(name, '(?:^|[/_\- ])(\d{2}(?:\.\d{2})?)[_\- .][^/]*$', 1), '') as region_in_name

    from receipts
    where source = first_source and reading_id = last_reading_id
    -- what was sent again was read when it came first
    qualify row_number() over (partition by sha256 order by is_again asc, intake asc, came_at asc) = 1

)

select
    first_receipts.* exclude (is_sent_again),
    case when first_receipts.is_sent_again then last_receipts.received_at end as sent_again_at,
    last_receipts.first_arrival,
    last_receipts.arrival,
    last_receipts.stored_at,
    last_receipts.origin
from first_receipts
inner join last_receipts
    on first_receipts.sha256 = last_receipts.sha256
