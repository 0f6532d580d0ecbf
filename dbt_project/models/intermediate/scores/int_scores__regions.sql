with

expected as (

    select * from {{ ref('int_expected__regions') }}

),

sectors as (

    select * from {{ ref('int_scores__sectors') }}

),

methods as (

    select * from {{ ref('methods') }}

),

bands as (

    select * from {{ ref('bands') }}

),

sector_count as (

    select count(*) as sectors_owed from {{ ref('sectors') }}

),

published as (

    select * from {{ ref('int_scores__published') }}

),

published_totals as (

    select * from published
    where sector_code is null

),

published_days as (

    select
        region_code,
        period,
        bool_or(is_interim) as is_interim
    from published
    group by region_code, period

),

-- sectors without an index (nothing applicable) leave the mean
means as (

    select
        region_code,
        period,
        method_version,
        bool_or(coalesce(basis, '') = 'submitted') as is_submitted,
        count(*) filter (where basis = 'published') as published_sectors,
        sum(services_owed) as services_owed,
        sum(services_reported + services_not_applicable) as services_answered,
        sum(items_owed) as items_owed,
        sum(items_reported) as items_reported,
        sum(index_points) // nullif(count(index_points), 0) as index_points,
        sum(index_reported_points) // nullif(count(index_reported_points), 0) as index_reported_points
    from sectors
    group by region_code, period, method_version

),

-- all published parts go before a published total; a total alone gives the index directly
based as (

    select
        means.region_code,
        means.period,
        means.method_version,
        means.services_owed,
        means.services_answered,
        means.items_owed,
        means.items_reported,
        case
            when means.is_submitted then 'submitted'
            when means.published_sectors = sector_count.sectors_owed or published_totals.points is not null then 'published'
        end as basis,
        case
            when means.is_submitted or means.published_sectors = sector_count.sectors_owed then means.index_points
            else published_totals.points
        end as index_points,
        case
            when means.is_submitted or means.published_sectors = sector_count.sectors_owed then means.index_reported_points
            else published_totals.points
        end as index_reported_points
    from means
    cross join sector_count
    left join published_totals
        on means.region_code = published_totals.region_code
        and means.period = published_totals.period

),

settled as (

    select
        expected.region_code,
        expected.current_region_code,
        expected.region_name,
        expected.level,
        expected.tier,
        expected.province_code,
        expected.province_name,
        expected.period,
        expected.method_version,
        based.basis,
        based.services_owed,
        based.services_answered,
        based.items_owed,
        based.items_reported,
        based.index_points,
        {{ round_to_1e15('based.index_points') }} as index_settled,
        {{ round_to_1e15('based.index_reported_points') }} as index_reported_settled,
        -- what was sent may change until the window closes; a figure of the press, when it was read off before that
        expected.is_interim or coalesce(based.basis = 'published' and published_days.is_interim, false) as is_interim,
        coalesce(
            based.basis = 'submitted'
            and based.services_answered >= methods.min_completeness_to_rank * based.services_owed,
            false
        ) as is_complete
    from expected
    left join based
        on expected.region_code = based.region_code
        and expected.period = based.period
    left join published_days
        on expected.region_code = published_days.region_code
        and expected.period = published_days.period
    left join methods
        on expected.method_version = methods.method_version

),

-- figures of the press are listed beside those of reports, never among them, unless the period has no other
banded as (

    select
        settled.* exclude (is_complete),
        coalesce(
            settled.index_points is not null
            and not settled.is_interim
            and case settled.basis
                when 'submitted' then settled.is_complete
                else
                    not bool_or(coalesce(settled.basis = 'submitted' and settled.index_points is not null, false))
                        over (partition by settled.period)
            end,
            false
        ) as is_ranked,
        bands.band_code,
        bands.name_id as band_name,
        bands.upper_bound
    from settled
    left join bands
        on {{ within_band('settled.index_settled', 'bands') }}
        and settled.method_version = bands.method_version

)

select * from banded
