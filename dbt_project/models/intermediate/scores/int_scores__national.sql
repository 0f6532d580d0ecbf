with

regions as (

    select * from {{ ref('int_scores__regions') }}

),

sectors as (

    select * from {{ ref('int_scores__sectors') }}

),

methods as (

    select * from {{ ref('methods') }}

),

-- one value a region and measure: its index, and each of its sectors
sector_codes as (

    select sector_code from {{ ref('sectors') }}

),

measured as (

    select
        period,
        method_version,
        tier,
        'index' as measure,
        index_points as points,
        index_points is not null as is_indexed,
        coalesce(basis, '') = 'submitted' as is_reported,
        coalesce(basis, '') = 'published' as is_from_press
    from regions
    union all
    select
        regions.period,
        regions.method_version,
        regions.tier,
        sector_codes.sector_code as measure,
        -- here and not in the join's condition, which would make it a nested loop
        case when regions.index_points is not null then sectors.index_points end as points,
        regions.index_points is not null as is_indexed,
        coalesce(sectors.basis, '') = 'submitted' as is_reported,
        coalesce(sectors.basis, '') = 'published' as is_from_press
    from regions
    cross join sector_codes
    left join sectors
        on regions.region_code = sectors.region_code
        and regions.period = sectors.period
        and sector_codes.sector_code = sectors.sector_code

),

-- policy national_over: regions without an index are left out, or count as 0
tier_means as (

    select
        measured.period,
        measured.method_version,
        measured.tier,
        measured.measure,
        count(*) as regions_expected,
        count(*) filter (where measured.is_reported) as regions_reported,
        count(measured.points) as regions_with_index,
        count(measured.points) filter (where measured.is_from_press) as regions_from_press,
        sum(measured.points) // nullif(
            case
                when methods.national_over = 'expected'
                    then count(measured.points) + count(*) filter (where not measured.is_indexed)
                else count(measured.points)
            end, 0
        ) as points
    from measured
    inner join methods
        on measured.method_version = methods.method_version
    group by measured.period, measured.method_version, measured.tier, measured.measure, methods.national_over

),

-- national = mean of the two tiers' means, so that 38 provinces weigh as much as all regencies and cities
scopes as (

    select
        period,
        method_version,
        case when measure = 'index' then 'national' else measure end as scope,
        sum(regions_expected) as regions_expected,
        sum(regions_reported) as regions_reported,
        sum(regions_with_index) as regions_with_index,
        sum(regions_from_press) as regions_from_press,
        sum(points) // nullif(count(points), 0) as points
    from tier_means
    group by period, method_version, measure
    union all
    select
        period,
        method_version,
        tier as scope,
        regions_expected,
        regions_reported,
        regions_with_index,
        regions_from_press,
        points
    from tier_means
    where measure = 'index'

)

select
    *,
    {{ round_to_1e15('points') }} as index_settled
from scopes
