with

results as (

    select * from {{ ref('int_rows__resolved') }}
    where record = 'achievement' and component = 'recipients' and service_code is not null

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}
    where outcome in ('accepted', 'superseded')

),

expected as (

    select * from {{ ref('int_expected__regions') }}

),

-- whose documents they are shows in what they hold: several regions of one province, or one region
documents as (

    select
        results.document_id,
        results.period,
        count(distinct results.region_code) as regions,
        count(distinct expected.province_code) as provinces
    from results
    inner join expected
        on results.region_code = expected.region_code
        and results.period = expected.period
    group by results.document_id, results.period

),

-- what each side says last
said as (

    select
        results.region_code,
        results.period,
        results.sector_code,
        results.service_code,
        results.target,
        results.realised,
        results.realised_ref,
        results.submission_id,
        results.document_id,
        expected.province_code,
        documents.regions > 1 as is_of_province
    from results
    inner join outcomes
        on results.row_id = outcomes.row_id
    inner join expected
        on results.region_code = expected.region_code
        and results.period = expected.period
        and expected.level != 'province'
    inner join documents
        on results.document_id = documents.document_id
        and results.period = documents.period
        and documents.provinces = 1
    where results.target is not null and results.realised is not null
    qualify
        row_number() over (
            partition by results.region_code, results.period, results.service_code, documents.regions > 1
            order by results.arrival desc, results.document_id desc, results.row_number desc
        ) = 1

),

summed as (

    select
        of_province.province_code as region_code,
        of_province.period,
        of_province.sector_code,
        of_province.service_code,
        count(*) as regions,
        sum(of_province.target) as province_target,
        sum(of_province.realised) as province_realised,
        sum(own.target) as own_target,
        sum(own.realised) as own_realised,
        -- the first region of which they tell two things
        coalesce(
            arg_min(of_province.realised_ref, of_province.region_code) filter (
                where (of_province.target, of_province.realised) != (own.target, own.realised)
            ),
            min(of_province.realised_ref)
        ) as first_ref,
        coalesce(
            arg_min(of_province.submission_id, of_province.region_code) filter (
                where (of_province.target, of_province.realised) != (own.target, own.realised)
            ),
            min(of_province.submission_id)
        ) as submission_id,
        coalesce(
            arg_min(of_province.document_id, of_province.region_code) filter (
                where (of_province.target, of_province.realised) != (own.target, own.realised)
            ),
            min(of_province.document_id)
        ) as document_id
    from said as of_province
    inner join said as own
        on of_province.region_code = own.region_code
        and of_province.period = own.period
        and of_province.service_code = own.service_code
    where of_province.is_of_province and not own.is_of_province
    group by of_province.province_code, of_province.period, of_province.sector_code, of_province.service_code

)

select
    summed.*,
    summed.region_code || '/' || summed.period || '/' || summed.service_code as row_id,
    summed.service_code || '|recipients' as subject
from summed
