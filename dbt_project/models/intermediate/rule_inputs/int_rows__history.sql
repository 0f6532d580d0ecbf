with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    -- a series of PP 65/2005 is yearly and not known to accumulate
    where record in ('achievement', 'budget') and legacy_indicator_code is null

),

compared as (

    select * from {{ ref('int_periods__compared') }}
    where is_quarter_before or years_before > 0

),

run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run

),

-- of other periods, what the release says: from this run where it builds them
elsewhere as (

    select distinct compared_period as period
    from compared
    where compared_period not in (select run_periods.period from run_periods)

),

known as (

    select
        current_region_code,
        period,
        record,
        subject,
        sector_code,
        target,
        realised
    from accepted
    union all
    select
        current_region_code,
        period,
        'achievement' as record,
        subject,
        sector_code,
        target,
        realised
    from {{ ref('stg_published__fct_indicator') }}
    where period in (select elsewhere.period from elsewhere)
    union all
    select
        current_region_code,
        period,
        'budget' as record,
        coalesce(service_code, '') || '|' || coalesce({{ words_key('item') }}, '') as subject,
        sector_code,
        allocated_idr as target,
        spent_idr as realised
    from {{ ref('stg_published__fct_budget') }}
    where period in (select elsewhere.period from elsewhere)

),

joined as (

    select
        accepted.row_id,
        any_value(known.target) filter (where compared.is_quarter_before) as before_target,
        any_value(known.realised) filter (where compared.is_quarter_before) as before_realised,
        any_value(known.target) filter (where compared.years_before = 1) as last_year_target,
        any_value(known.realised) filter (where compared.years_before = 1) as last_year_realised,
        list_sort(list(known.realised) filter (where compared.years_before > 0 and known.realised is not null)) as earlier_values
    from accepted
    inner join compared
        on accepted.period = compared.period
    inner join known
        on compared.compared_period = known.period
        and accepted.current_region_code = known.current_region_code
        and accepted.record = known.record
        and accepted.sector_code = known.sector_code
        and accepted.subject = known.subject
    group by accepted.row_id

),

with_medians as (

    select
        *,
        coalesce(len(earlier_values), 0) as earlier_count,
        case when len(earlier_values) > 0 then {{ twice_median('earlier_values') }} end as earlier_median_twice
    from joined

),

with_distances as (

    select
        * exclude (earlier_values),
        case
            when earlier_count > 0 then {{ doubled_distances('earlier_values', 'earlier_median_twice') }}
        end as distances
    from with_medians

)

select
    * exclude (distances),
    case when earlier_count > 0 then {{ twice_median('distances') }} end as earlier_deviation_fourfold
from with_distances
