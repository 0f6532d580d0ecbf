with

national as (

    select * from {{ ref('int_scores__national') }}

),

methods as (

    select * from {{ ref('int_methods__bounds') }}

),

bands as (

    select * from {{ ref('bands') }}

),

compliance as (

    select * from {{ ref('mart_compliance') }}

),

-- who reported is counted where compliance counts it: a report of budgets alone is one, a figure of the press is none
reporters as (

    select
        period,
        scope,
        count(*) filter (where reporting_status in ('with_index', 'reported_without_index')) as regions_reported
    from (
        select
            period,
            reporting_status,
            unnest(['national', case when level = 'province' then level else 'regency_city' end]) as scope
        from compliance
    ) as by_scope
    group by period, scope

),

-- a mean over few of the expected regions is shown with its coverage, and has no band
covered as (

    select
        national.*,
        methods.band_bounds,
        {{ share('national.regions_with_index', 'national.regions_expected') }} as coverage,
        national.regions_with_index >= methods.min_coverage_for_band * national.regions_expected as has_band
    from national
    left join methods
        on national.method_version = methods.method_version

)

select
    national.period,
    national.scope,
    cast({{ display('national.index_settled', 'national.band_bounds', 6) }} as decimal(18, 6)) as index,
    bands.band_code,
    cast(national.regions_expected as integer) as regions_expected,
    cast(coalesce(reporters.regions_reported, national.regions_reported) as integer) as regions_reported,
    cast(national.regions_with_index as integer) as regions_with_index,
    cast(national.regions_from_press as integer) as regions_from_press,
    national.coverage,
    national.method_version
from covered as national
left join reporters
    on national.period = reporters.period
    and national.scope = reporters.scope
left join bands
    on {{ within_band('national.index_settled', 'bands') }}
    and national.method_version = bands.method_version
    and national.has_band
