with

noted as (

    select * from {{ ref('int_rows__resolved') }}
    where note is not null

),

-- a cell of a workbook has a place of its own, a line of a text is one place for all its cells
places as (

    select
        document_id,
        row_number,
        note,
        unnest(list_distinct([row_ref, target_ref, realised_ref])) as place
    from noted

),

of_places as (

    select
        document_id,
        place,
        cast(null as varchar) as submission_id,
        cast(null as varchar) as sector_code,
        string_agg(distinct note, '; ' order by note) as explanation
    from places
    group by document_id, place

),

-- what is found of a sector or a region is explained where regions write down their problems
of_sectors as (

    select
        document_id,
        cast(null as varchar) as place,
        submission_id,
        sector_code,
        string_agg(distinct note, '; ' order by note) as explanation
    from noted
    where record = 'problem' and submission_id is not null
    group by document_id, submission_id, sector_code

),

unioned as (

    select * from of_places
    union all
    select * from of_sectors

)

select * from unioned
