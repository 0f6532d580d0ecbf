with

scores as (

    select * from {{ ref('mart_region_score') }}
    where method_version is not null

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

methods as (

    select * from {{ ref('int_methods__bounds') }}

),

bands as (

    select * from {{ ref('bands') }}

),

parameters as (

    select max(value) filter (where parameter = 'pace_years') as pace_years
    from {{ ref('benchmark_parameters') }}

),

recipients as (

    select * from {{ ref('int_all_periods__recipients') }}

),

-- an index as a whole number of millionths of a point
dated as (

    select
        scores.*,
        periods.year,
        periods.quarter,
        cast(cast(scores.index as decimal(38, 6)) * 1000000 as hugeint) as millionths
    from scores
    inner join periods
        on scores.period = periods.period

),

-- the region's own pace: of earlier year ends, how much was there by this quarter
paces as (

    select
        dated.region_code,
        dated.period,
        count(*) as n_years,
        sum(same_quarter.millionths) as by_quarter,
        sum(year_end.millionths) as by_year_end
    from dated
    cross join parameters
    inner join dated as same_quarter
        on dated.current_region_code = same_quarter.current_region_code
        and dated.quarter = same_quarter.quarter
        and dated.year > same_quarter.year
        and dated.year <= same_quarter.year + parameters.pace_years
    inner join dated as year_end
        on same_quarter.current_region_code = year_end.current_region_code
        and same_quarter.year = year_end.year
        and year_end.quarter = 4
    where dated.quarter < 4 and same_quarter.millionths is not null and year_end.millionths is not null
    group by dated.region_code, dated.period

),

-- a year end below the quarter is no pace: values accumulate, and the target was changed
paced as (

    select
        dated.*,
        case
            when dated.index is null then null
            when dated.quarter = 4 then 'year_end'
            when paces.by_quarter > 0 then 'own'
            else 'linear'
        end as pace_basis,
        case when dated.quarter < 4 and paces.by_quarter > 0 then paces.n_years else 0 end as pace_years,
        case
            when dated.quarter < 4 and paces.by_quarter > 0 then least(paces.by_quarter, paces.by_year_end)
            else cast(dated.quarter as hugeint)
        end as part,
        case
            when dated.quarter < 4 and paces.by_quarter > 0 then paces.by_year_end
            else cast(4 as hugeint)
        end as whole
    from dated
    left join paces
        on dated.region_code = paces.region_code
        and dated.period = paces.period

),

-- index x whole / part, at most 100; an index above that (method without a cap) stays
projected as (

    select
        *,
        case
            when index is null then null
            when whole = 0 or part = whole or index >= 100
                then {{ round_to_1e15(as_percent_units('cast(index as decimal(38, 12))')) }}
            when millionths * whole >= {{ ten_to(8) }} * part then 100 * {{ ten_to(15) }}
            else {{ round_to_1e15(percent_units('millionths * whole', ten_to(8) ~ ' * part')) }}
        end as projected_settled
    from paced

)

select
    projected.region_code,
    projected.current_region_code,
    projected.region_name,
    projected.level,
    projected.province_code,
    projected.period,
    projected.index,
    projected.band_code,
    projected.pace_basis,
    cast(projected.pace_years as integer) as pace_years,
    case when projected.index is not null then {{ share('projected.part', 'projected.whole') }} end as year_end_share,
    {{ display('projected.projected_settled', 'methods.band_bounds', 6) }} as projected_index,
    expected_bands.band_code as projected_band_code,
    projected.projected_settled >= 100 * {{ ten_to(15) }} as is_on_track,
    next_bands.band_code as next_band_code,
    projected.gap_to_next_band,
    cast(recipients.recipients_to_next_band as bigint) as recipients_to_next_band,
    cast(recipients.services_to_next_band as integer) as services_to_next_band,
    recipients.next_band_services,
    cast(recipients.recipients_not_served as bigint) as recipients_not_served,
    cast(recipients.doubtful_services as integer) as doubtful_services,
    projected.method_version
from projected
left join methods
    on projected.method_version = methods.method_version
left join bands as own_bands
    on projected.method_version = own_bands.method_version
    and projected.band_code = own_bands.band_code
left join bands as next_bands
    on projected.method_version = next_bands.method_version
    and own_bands.upper_bound = next_bands.lower_bound
left join bands as expected_bands
    on {{ within_band('projected.projected_settled', 'expected_bands') }}
    and projected.method_version = expected_bands.method_version
left join recipients
    on projected.region_code = recipients.region_code
    and projected.period = recipients.period
