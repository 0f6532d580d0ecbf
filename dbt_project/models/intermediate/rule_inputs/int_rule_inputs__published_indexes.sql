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

methods as (

    select
        periods.period,
        methods.weight_recipients_percent,
        methods.weight_quality_percent
    from {{ ref('stg_run__periods') }} as periods
    inner join {{ ref('methods') }} as methods
        on periods.method_version = methods.method_version

),

-- recipients and quality beside their total: points of their weights, or percents (CMP-002 holds them back)
weighted_parts as (

    select
        document_id,
        region_code,
        period,
        sector_code,
        any_value(realised) filter (where index_part = 'recipients') as recipients_part,
        any_value(realised) filter (where index_part = 'quality') as quality_part,
        any_value(realised_text) filter (where index_part = 'recipients') as recipients_part_text,
        any_value(realised_text) filter (where index_part = 'quality') as quality_part_text
    from {{ ref('int_rows__resolved') }}
    where index_part in ('recipients', 'quality')
    group by document_id, region_code, period, sector_code
    having
        count(*) filter (where index_part = 'recipients') = 1
        and count(*) filter (where index_part = 'quality') = 1

),

checked as (

    select
        published.*,
        cast(null as varchar) as service_code,
        coalesce(published.sector_code, '') as subject,
        parts.points as points_of_parts,
        weighted_parts.recipients_part_text || ' + ' || weighted_parts.quality_part_text as weighted_parts,
        weighted_parts.recipients_part + weighted_parts.quality_part as sum_of_points,
        weighted_parts.recipients_part * cast(methods.weight_recipients_percent / 100 as decimal(9, 3))
        + weighted_parts.quality_part * cast(methods.weight_quality_percent / 100 as decimal(9, 3)) as sum_of_percents,
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
    left join methods
        on published.period = methods.period
    left join weighted_parts
        on published.document_id = weighted_parts.document_id
        and published.region_code = weighted_parts.region_code
        and published.period = weighted_parts.period
        and published.sector_code is not distinct from weighted_parts.sector_code
    left join sector_scores
        on published.region_code = sector_scores.region_code
        and published.period = sector_scores.period
        and published.sector_code = sector_scores.sector_code

)

select * from checked
