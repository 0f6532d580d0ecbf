-- Whose a refused document says to be.
-- Keep out: whether its sender may say so (int_documents__refused).
with

documents as (

    select * from {{ ref('stg_landing__documents') }}
    where reject_rule is not null

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

regions as (

    select * from {{ ref('int_rows__regions') }}

),

states as (

    select * from {{ ref('int_regions__states') }}

),

codes as (

    select distinct
        region_code,
        current_region_code
    from states

),

-- what the document says of itself goes before its name, which has a code of whatever time
named as (

    select
        documents.document_id,
        coalesce(regions.region_code, states.region_code) as region_code,
        periods.period
    from documents
    left join periods
        on documents.period_told = periods.period
    left join regions
        on documents.reject_region = regions.region_text
        and documents.region_codes = regions.region_codes
        and periods.period = regions.period
    left join codes
        on documents.region_in_name = codes.region_code
    left join states
        on codes.current_region_code = states.current_region_code
        and {{ is_state_on('states', 'periods.ends_on') }}
    where coalesce(periods.is_in_run, true)

)

select * from named
