with

accepted as (

    select
        *,
        document_id || lpad(cast(row_number as varchar), 9, '0') as row_id_order
    from {{ ref('int_rows__accepted') }}
    where record != 'published_index'

),

checked as (

    select
        region_code || '/' || period as row_id,
        region_code,
        period,
        cast(null as varchar) as sector_code,
        cast(null as varchar) as service_code,
        '' as subject,
        arg_min(document_id, row_id_order) as document_id,
        arg_min(submission_id, row_id_order) as submission_id,
        arg_min(row_ref, row_id_order) as row_ref,
        count(*) as row_count,
        count(*) filter (
            where record in ('budget', 'stage', 'problem') and (realised is not null or note is not null)
        ) as other_rows
    from accepted
    group by region_code, period

)

select * from checked
