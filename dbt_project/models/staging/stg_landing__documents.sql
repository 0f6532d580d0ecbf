with

documents as (

    select * from {{ source('raw', 'documents') }}

),

-- the same bytes twice are one submission: the source that sent it first, read the way last asked for
first_receipts as (

    select
        -- keys
        sha256,
        source,
        reading_id,
        left(sha256, 12) as document_id,
        ref_prefix,

        -- receipt
        name,
        min(received_at) over (partition by sha256) as received_at,
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
        {{ masked('reject_value') }} as reject_value,
        unread,

        -- whose it is, where it was refused: as it says itself, else by its name, as `64.71_2024-Q4.xlsx`
        nullif(trim(reject_region), '') as reject_region,
        coalesce(reject_period, nullif(regexp_extract(name, '(\d{4}-Q[1-4])[^/]*$', 1), '')) as period_told,
        nullif(regexp_extract(name, '(?:^|[/_\- ])(\d{2}(?:\.\d{2})?)[_\- .][^/]*$', 1), '') as region_in_name

    from documents
    qualify
        row_number()
            over (partition by documents.sha256 order by documents.received_at asc, source asc, taken_in_at desc, reading_id asc)
        = 1

)

select * from first_receipts
