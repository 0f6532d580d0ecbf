with

accepted as (

    select * from {{ ref('int_rows__accepted') }}

),

scores as (

    select * from {{ ref('int_scores__regions') }}

),

sector_scores as (

    select * from {{ ref('int_scores__sectors') }}

),

sector_count as (

    select count(*) as sectors_owed from {{ ref('sectors') }}

),

published as (

    select
        region_code,
        period,
        sector_code,
        submission_id,
        realised_ref,
        realised,
        {{ points_of('realised') }} as points
    from accepted
    where record = 'published_index' and realised is not null

),

published_parts as (

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

-- 0.01 points apart or less is rounding in print
unlike_parts as (

    select
        'RECON-001' as rule_id,
        published.region_code,
        published.period,
        published.sector_code,
        published.submission_id,
        published.realised_ref as source_ref,
        'total ' || {{ plain_number('published.realised') }}
        || ' / ' || {{ plain_number(shown(settled('published_parts.points'), 'null', 4)) }} as value
    from published
    inner join published_parts
        on published.region_code = published_parts.region_code
        and published.period = published_parts.period
    where
        published.sector_code is null
        and abs(published.points - published_parts.points) > {{ ten_to(25) }}

),

unlike_submission as (

    select
        'RECON-002' as rule_id,
        published.region_code,
        published.period,
        published.sector_code,
        published.submission_id,
        published.realised_ref as source_ref,
        {{ plain_number('published.realised') }}
        || ' / '
        || {{ plain_number(shown(settled('coalesce(sector_scores.index_points, scores.index_points)'), 'null', 4)) }} as value
    from published
    inner join scores
        on published.region_code = scores.region_code
        and published.period = scores.period
        and scores.basis = 'submitted'
    left join sector_scores
        on published.region_code = sector_scores.region_code
        and published.period = sector_scores.period
        and published.sector_code = sector_scores.sector_code
    where abs(
        published.points
        - case when published.sector_code is null then scores.index_points else sector_scores.index_points end
    ) > {{ ten_to(25) }}

),

only_results as (

    select
        'COV-001' as rule_id,
        region_code,
        period,
        cast(null as varchar) as sector_code,
        arg_min(submission_id, row_id_order) as submission_id,
        arg_min(row_ref, row_id_order) as source_ref,
        count(*) || ' capaian' as value
    from (select
        *,
        document_id || lpad(cast(row_number as varchar), 9, '0') as row_id_order
    from accepted) as numbered
    where record != 'published_index'
    group by region_code, period
    having count(*) filter (where record in ('budget', 'stage', 'problem') and (realised is not null or note is not null)) = 0

),

unioned as (

    select * from unlike_parts
    union all
    select * from unlike_submission
    union all
    select * from only_results

)

select * from unioned
