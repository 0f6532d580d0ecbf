-- a table: two models read it, and as a view it would trim every text twice
{{ config(materialized='table') }}

with

landed as (

    select * from {{ source('raw', 'rows') }}

),

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

run_periods as (

    select * from {{ source('raw', 'run_periods') }}

),

renamed as (

    select
        -- keys
        documents.document_id || '#' || landed.row_number as row_id,
        documents.document_id,
        landed.row_number,

        -- whose, when, what: text as received, blanks are null
        landed.period_key as period,
        nullif(trim(landed.period), '') as period_text,
        nullif(trim(landed.region), '') as region_text,
        nullif(lower(trim(landed.record)), '') as record,
        nullif(trim(landed.sector), '') as sector_text,
        nullif(trim(landed.service), '') as service_text,
        nullif(lower(trim(landed.component)), '') as component_text,
        nullif(regexp_replace(trim(landed.item), '\s+', ' ', 'g'), '') as item_text,
        nullif(trim(landed.unit), '') as unit,
        nullif(trim(landed.target), '') as target_text,
        nullif(trim(landed.realised), '') as realised_text,
        landed.target_is_number,
        landed.realised_is_number,
        nullif(trim(landed.note), '') as note,
        nullif(trim(landed.submitted_at), '') as submitted_at_text,
        {{ instant_parts("nullif(trim(landed.submitted_at), '')") }} as submitted_parts,
        nullif(trim(landed.measure), '') as measure_text,
        nullif(trim(landed.snapshot_on), '') as snapshot_on_text,
        try_cast(nullif(trim(landed.snapshot_on), '') as date) as snapshot_on,

        -- provenance
        documents.ref_prefix || ':' || landed.row_place as row_ref,
        documents.ref_prefix || ':' || landed.target_place as target_ref,
        documents.ref_prefix || ':' || landed.realised_place as realised_ref,
        documents.received_at,
        documents.arrival,
        documents.utc_offset_minutes,
        documents.region_codes,
        documents.period_from,
        documents.period_to,

        -- kinds of personal data that its texts and its numbers held; they are masked before models read them
        landed.personal_data,
        landed.target_personal,
        landed.realised_personal,

        -- a row that could not be mapped to the columns
        landed.reject_rule,
        landed.reject_text

    from landed
    inner join documents
        on landed.sha256 = documents.sha256
        and landed.source = documents.source
        and landed.reading_id = documents.reading_id
    -- rows whose period cannot be read belong to every run: they must not get lost between two
    where
        landed.period_key is null
        or landed.period_key in (select run_periods.period from run_periods)

),

-- a time without a zone is none, unless its source declares one
timed as (

    select
        * exclude (submitted_parts, submitted_clock, submitted_offset, utc_offset_minutes),
        submitted_clock - to_minutes(coalesce(submitted_offset, utc_offset_minutes)) as submitted_at,
        case when submitted_offset is null and utc_offset_minutes is null then submitted_clock end as submitted_clock
    from (
        select
            *,
            {{ clock_of('submitted_parts') }} as submitted_clock,
            {{ offset_minutes_of('submitted_parts') }} as submitted_offset
        from renamed
    ) as parted

)

select * from timed
