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
    where component != 'recipients'

),

recipients as (

    select * from {{ ref('int_scores__recipients') }}

),

run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run

),

catalogue as (

    select
        quality_items.service_code,
        run_periods.period,
        count(*) as items_owed
    from {{ ref('quality_items') }} as quality_items
    cross join run_periods
    where {{ is_valid_in('quality_items', 'run_periods.period') }}
    group by quality_items.service_code, run_periods.period

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
        methods.missing_item,
        coalesce(catalogue.items_owed, 0) as items_owed,
        reporting_regions.region_code is not null as is_region_reporting
    from expected
    inner join methods
        on expected.method_version = methods.method_version
    inner join services
        on expected.tier = services.tier
        and expected.period >= services.valid_from_period
        and (expected.period <= services.valid_to_period or services.valid_to_period is null)
    left join catalogue
        on services.service_code = catalogue.service_code
        and expected.period = catalogue.period
    left join reporting_regions
        on expected.region_code = reporting_regions.region_code
        and expected.period = reporting_regions.period

),

-- an item that is not there (left blank, left out, said to be unknown) is the same in all of them
quality_sums as (

    select
        region_code,
        period,
        service_code,
        count(*) as items_there,
        count(distinct item_code) as items_reported,
        count(points) as counted_items,
        sum(points) as points_sum,
        cast(sum(pooled_target) filter (where pooled_target > 0) as decimal(38, 12)) as pooled_target,
        cast(sum(pooled_realised) filter (where pooled_target > 0) as decimal(38, 12)) as pooled_realised
    from items
    where status != 'missing'
    group by region_code, period, service_code

),

quality as (

    select
        quality_sums.*,
        -- policy missing_item: items that are not there leave the mean, or count as 0 in it
        quality_sums.counted_items
        + case when owed.missing_item = 'zero' then owed.items_owed - quality_sums.items_reported else 0 end as items_in_mean,
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
        coalesce(recipients.status, 'missing') as status,
        coalesce(quality.items_reported, 0) as items_reported,
        case
            when quality.items_there is null
                then case
                    when owed.missing = 'zero' or (owed.missing_item = 'zero' and owed.items_owed > 0)
                        then cast(0 as hugeint)
                end
            when owed.quality_mean = 'pooled' and quality.pooled_target is not null
                then {{ percent_units_of_decimals('quality.pooled_counted', 'nullif(quality.pooled_target, 0)') }}
            -- pooled without a sum to divide by (no target above 0): each item speaks for itself
            else coalesce(quality.points_sum, cast(0 as hugeint)) // nullif(quality.items_in_mean, 0)
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
            when status = 'missing' and missing = 'zero' then cast(0 as hugeint)
            when status = 'missing' then null
            when recipients_points is null then null
            when quality_points is null then recipients_points
            else (
                recipients_points * cast(weight_recipients_percent as hugeint)
                + quality_points * cast(weight_quality_percent as hugeint)
            ) // cast(weight_recipients_percent + weight_quality_percent as hugeint)
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
    -- where nobody is owed the service, nobody is owed its items
    case when is_region_reporting and status != 'not_applicable' then items_owed end as items_owed,
    case when is_region_reporting and status != 'not_applicable' then items_reported end as items_reported,
    case when is_region_reporting and status != 'missing' then recipients_points end as recipients_points,
    case when is_region_reporting then quality_points end as quality_points,
    index_points,
    case when status != 'missing' then index_points end as index_reported_points
from indexed
