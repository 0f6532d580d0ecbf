-- a table: documents, and whose each may be, are read from it
{{ config(materialized='table') }}

with

receipts as (

    select
        *,
        -- a file that is newer than the look at it has no time
        least(stored_at, seen_at) as came_at
    from {{ source('raw', 'documents') }}

),

-- what a later intake received comes after all that earlier ones knew; within one the time of the store decides
ranked as (

    select
        *,
        left(sha256, 12) as document_id,
        dense_rank() over (order by intake, came_at) as arrival,
        first_value(source) over (partition by sha256 order by intake, came_at, source) as first_source,
        first_value(reading_id) over (
            partition by sha256, source order by read_in desc, taken_in_at desc, reading_id asc
        ) as last_reading_id
    from receipts

)

select * from ranked
