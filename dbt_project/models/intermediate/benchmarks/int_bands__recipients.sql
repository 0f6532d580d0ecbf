{%- set least_gap = 100 -%}
with

regions as (

    select * from {{ ref('int_scores__regions') }}
    where basis = 'submitted' and upper_bound is not null

),

services as (

    select * from {{ ref('int_scores__services') }}
    where index_points is not null

),

methods as (

    select * from {{ ref('methods') }}

),

-- who is left to serve in a service is not known where a rule doubts its numbers
doubtful_services as (

    select distinct
        accepted.region_code,
        accepted.period,
        accepted.service_code
    from {{ ref('int_findings__doubts') }} as doubts
    inner join {{ ref('int_rows__accepted') }} as accepted
        on doubts.row_id = accepted.row_id
    where accepted.record = 'achievement' and accepted.component = 'recipients' and accepted.legacy_indicator_code is null

),

doubts_counted as (

    select
        region_code,
        period,
        count(*) as doubtful_services
    from doubtful_services
    group by region_code, period

),

recipients as (

    select recipients.*
    from {{ ref('int_scores__recipients') }} as recipients
    where
        recipients.status = 'reported'
        and recipients.target is not null
        and not coalesce({{ is_percent('recipients.unit_key') }}, false)
        and not exists (
            select 1
            from doubtful_services
            where
                doubtful_services.region_code = recipients.region_code
                and doubtful_services.period = recipients.period
                and doubtful_services.service_code = recipients.service_code
        )

),

counted as (

    select
        region_code,
        period,
        sector_code,
        count(*) as services_counted,
        count(*) over (partition by region_code, period) as sectors_counted
    from services
    group by region_code, period, sector_code

),

-- what a person served more in a service adds: 100 / target x weight / (services of the sector x sectors)
servable as (

    select
        services.region_code,
        services.period,
        services.service_code,
        cast(ceil(recipients.target - recipients.realised) as hugeint) as left_to_serve,
        cast(ceil(recipients.target) as hugeint) as target,
        counted.services_counted * counted.sectors_counted as parts,
        cast(methods.weight_recipients_percent + methods.weight_quality_percent as hugeint) as weight_of_all,
        case
            when services.quality_points is null
                then cast(methods.weight_recipients_percent + methods.weight_quality_percent as hugeint)
            else cast(methods.weight_recipients_percent as hugeint)
        end as weight,
        -- in proportion to 1 / weight, and whole
        case
            when services.quality_points is null then cast(methods.weight_recipients_percent as hugeint)
            else cast(methods.weight_recipients_percent + methods.weight_quality_percent as hugeint)
        end as cost_factor,
        100 * {{ ten_to(15) }} - {{ round_to_1e15('services.recipients_points') }} as points_left
    from services
    inner join methods
        on services.method_version = methods.method_version
    inner join recipients
        on services.region_code = recipients.region_code
        and services.period = recipients.period
        and services.service_code = recipients.service_code
    inner join counted
        on services.region_code = counted.region_code
        and services.period = counted.period
        and services.sector_code = counted.sector_code
    where
        services.status = 'reported'
        and recipients.realised < recipients.target
        -- more than one row may say (NUM-004): nobody's plan, and its product below would leave 128 bits
        and recipients.target < 1000000000000000

),

-- cheapest first: people to a point of the region's index, as target x services of the sector / weight
ordered as (

    select
        servable.*,
        regions.upper_bound,
        -- a true index lies up to a unit above the settled one; less than this no person moves
        greatest({{ bound_units('regions.upper_bound') }} - regions.index_settled - {{ least_gap }}, 1) as gap,
        servable.points_left * servable.weight // (servable.weight_of_all * servable.parts) as gain,
        row_number() over by_cost as place,
        sum(servable.points_left * servable.weight // (servable.weight_of_all * servable.parts)) over by_cost as cumulative_gain,
        sum(servable.left_to_serve) over by_cost as cumulative_people
    from servable
    inner join regions
        on servable.region_code = regions.region_code
        and servable.period = regions.period
    window
        by_cost as (
            partition by servable.region_code, servable.period
            order by servable.target * servable.parts * servable.cost_factor, servable.service_code
        )

),

-- of the service in which the band is reached only so many as are needed
reached as (

    select
        region_code,
        period,
        cumulative_people - left_to_serve
        + ((gap - (cumulative_gain - gain)) * weight_of_all * parts * target + 100 * weight * {{ ten_to(15) }} - 1)
        // (100 * weight * {{ ten_to(15) }}) as recipients_to_next_band,
        place as services_to_next_band
    from ordered
    where cumulative_gain >= gap and cumulative_gain - gain < gap

),

named as (

    select
        reached.region_code,
        reached.period,
        string_agg(ordered.service_code, ';' order by ordered.place) as next_band_services
    from reached
    inner join ordered
        on reached.region_code = ordered.region_code
        and reached.period = ordered.period
        and reached.services_to_next_band >= ordered.place
    group by reached.region_code, reached.period

),

not_served as (

    select
        region_code,
        period,
        sum(left_to_serve) as recipients_not_served
    from servable
    group by region_code, period

)

select
    regions.region_code,
    regions.period,
    reached.recipients_to_next_band,
    reached.services_to_next_band,
    named.next_band_services,
    not_served.recipients_not_served,
    coalesce(doubts_counted.doubtful_services, 0) as doubtful_services
from regions
left join reached
    on regions.region_code = reached.region_code
    and regions.period = reached.period
left join named
    on regions.region_code = named.region_code
    and regions.period = named.period
left join not_served
    on regions.region_code = not_served.region_code
    and regions.period = not_served.period
left join doubts_counted
    on regions.region_code = doubts_counted.region_code
    and regions.period = doubts_counted.period
