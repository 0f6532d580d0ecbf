with

accepted as (

    select * from {{ ref('int_rows__accepted') }}

),

scores as (

    select * from {{ ref('int_scores__regions') }}
    where basis = 'submitted'

),

sector_scores as (

    select * from {{ ref('int_scores__sectors') }}

),

sector_count as (

    select count(*) as sectors_owed from {{ ref('sectors') }}

),

published as (

    select
        row_id,
        document_id,
        region_code,
        period,
        sector_code,
        submission_id,
        realised_ref,
        realised,
        {{ as_percent_units('realised') }} as points
    from accepted
    where row_id in (select figures.row_id from {{ ref('int_scores__published') }} as figures)

),

-- a total follows from its parts only where all of them are there
parts as (

    select
        published.region_code,
        published.period,
        sum(published.points) // count(*) as points
    from published
    cross join sector_count
    where published.sector_code is not null
    group by published.region_code, published.period, sector_count.sectors_owed
    having count(*) = sector_count.sectors_owed

),

checked as (

    select
        published.*,
        cast(null as varchar) as service_code,
        coalesce(published.sector_code, '') as subject,
        parts.points as points_of_parts,
        case
            when scores.region_code is null then null
            when published.sector_code is null then scores.index_points
            else sector_scores.index_points
        end as computed_points
    from published
    left join parts
        on published.region_code = parts.region_code
        and published.period = parts.period
    left join scores
        on published.region_code = scores.region_code
        and published.period = scores.period
    left join sector_scores
        on published.region_code = sector_scores.region_code
        and published.period = sector_scores.period
        and published.sector_code = sector_scores.sector_code

)

select * from checked
