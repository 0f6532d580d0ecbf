with

judged as (

    select * from {{ ref('int_rows__judged') }}
    where record = 'achievement' and component = 'recipients' and service_code is not null

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}
    where outcome in ('accepted', 'superseded')

),

expected as (

    select * from {{ ref('int_expected__regions') }}

),

limits as (

    {{ limits_of(province_rules()) }}

),

-- whose documents they are shows in what they hold: several regions of one province, or one region
documents as (

    select
        judged.document_id,
        judged.period,
        count(distinct judged.region_code) as regions,
        count(distinct expected.province_code) as provinces
    from judged
    inner join expected
        on judged.region_code = expected.region_code
        and judged.period = expected.period
    group by judged.document_id, judged.period

),

-- the last word of each side
told as (

    select
        judged.region_code,
        judged.period,
        judged.sector_code,
        judged.service_code,
        judged.target,
        judged.realised,
        judged.realised_ref,
        outcomes.submission_id,
        expected.province_code,
        documents.regions > 1 as is_of_province
    from judged
    inner join outcomes
        on judged.row_id = outcomes.row_id
    inner join expected
        on judged.region_code = expected.region_code
        and judged.period = expected.period
        and expected.level != 'province'
    inner join documents
        on judged.document_id = documents.document_id
        and judged.period = documents.period
        and documents.provinces = 1
    where judged.target is not null and judged.realised is not null
    qualify
        row_number() over (
            partition by judged.region_code, judged.period, judged.service_code, documents.regions > 1
            order by outcomes.known_at desc, judged.document_id desc, judged.row_number desc
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
        ) as submission_id
    from told as of_province
    inner join told as own
        on of_province.region_code = own.region_code
        and of_province.period = own.period
        and of_province.service_code = own.service_code
    where of_province.is_of_province and not own.is_of_province
    group by of_province.province_code, of_province.period, of_province.sector_code, of_province.service_code

)

select
    summed.*,
    summed.region_code || '/' || summed.period || '/' || summed.service_code as row_id,
    summed.service_code || '|recipients' as subject,
    limits.* exclude (period)
from summed
left join limits
    on summed.period = limits.period
