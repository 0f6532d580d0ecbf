with

expected as (

    select * from {{ ref('int_expected__regions') }}

),

services as (

    select * from {{ ref('services') }}

),

methods as (

    select * from {{ ref('methods') }}

),

items as (

    select * from {{ ref('int_scores__items') }}

),

reporting_regions as (

    select distinct
        region_code,
        period
    from {{ ref('int_rows__accepted') }}
    where record != 'published_index'

),

-- what is owed comes from the catalogue, never from what came in
owed as (

    select
        expected.region_code,
        expected.period,
        services.service_code,
        services.sector_code,
        methods.method_version,
        methods.weight_recipients_percent,
        methods.weight_quality_percent,
        methods.cap,
        methods.quality_mean,
        methods.zero_target,
        methods.missing,
        reporting_regions.region_code is not null as is_region_reporting
    from expected
    inner join methods
        on expected.method_version = methods.method_version
    inner join services
        on expected.tier = services.tier
        and expected.period >= services.valid_from_period
        and (expected.period <= services.valid_to_period or services.valid_to_period is null)
    left join reporting_regions
        on expected.region_code = reporting_regions.region_code
        and expected.period = reporting_regions.period

),

recipients as (

    select * from items
    where component = 'recipients'

),

quality_sums as (

    select
        region_code,
        period,
        service_code,
        count(*) as item_count,
        count(points) as counted_items,
        sum(points) as points_sum,
        sum(pooled_target) as pooled_target,
        sum(pooled_realised) filter (where pooled_target is not null) as pooled_realised
    from items
    where component != 'recipients'
    group by region_code, period, service_code

),

quality as (

    select
        quality_sums.*,
        case
            when owed.cap then least(quality_sums.pooled_realised, quality_sums.pooled_target)
            else quality_sums.pooled_realised
        end as pooled_counted
    from quality_sums
    inner join owed
        on quality_sums.region_code = owed.region_code
        and quality_sums.period = owed.period
        and quality_sums.service_code = owed.service_code

),

joined as (

    select
        owed.*,
        recipients.points as recipients_points,
        case
            when recipients.status is null or recipients.status = 'missing' then 'missing'
            when recipients.status = 'not_applicable' then 'not_applicable'
            else 'reported'
        end as status,
        case
            when quality.item_count is null and owed.missing = 'zero' then 0::hugeint
            when quality.counted_items = 0 or quality.item_count is null then null
            -- pooled without a sum to divide by (no target above 0): each item speaks for itself
            when quality.pooled_target is null then quality.points_sum // quality.counted_items
            when owed.quality_mean = 'pooled'
                then {{ percent_units_of_decimals('quality.pooled_counted', 'nullif(quality.pooled_target, 0)') }}
            else quality.points_sum // quality.counted_items
        end as quality_points
    from owed
    left join recipients
        on owed.region_code = recipients.region_code
        and owed.period = recipients.period
        and owed.service_code = recipients.service_code
    left join quality
        on owed.region_code = quality.region_code
        and owed.period = quality.period
        and owed.service_code = quality.service_code

),

-- I_service = 0.8 A + 0.2 B; without any quality item that counts, A alone. A missing service counts as 0 or leaves
indexed as (

    select
        *,
        case
            when not is_region_reporting then null
            when status = 'missing' and missing = 'zero' then 0::hugeint
            when status = 'missing' then null
            when recipients_points is null then null
            when quality_points is null then recipients_points
            else (
                recipients_points * weight_recipients_percent::hugeint
                + quality_points * weight_quality_percent::hugeint
            ) // (weight_recipients_percent + weight_quality_percent)::hugeint
        end as index_points
    from joined

)

select
    region_code,
    period,
    sector_code,
    service_code,
    method_version,
    status,
    is_region_reporting,
    case when is_region_reporting and status != 'missing' then recipients_points end as recipients_points,
    case when is_region_reporting then quality_points end as quality_points,
    index_points,
    case when status != 'missing' then index_points end as index_reported_points
from indexed
