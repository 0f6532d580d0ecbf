with

accepted as (

    select
        accepted.*,
        expected.level
    from {{ ref('int_rows__accepted') }} as accepted
    inner join {{ ref('int_expected__regions') }} as expected
        on accepted.region_code = expected.region_code
        and accepted.period = expected.period
    where accepted.target > 0 and accepted.legacy_indicator_code is null

),

-- peers by size: as many digits in the number of people who are owed the service
results as (

    select
        row_id,
        period,
        level,
        service_code,
        len(cast(cast(trunc(target) as hugeint) as varchar)) as digits,
        {{ round_to_1e15(
            percent_units_of_decimals('case when realised > target then target else realised end', 'target')
        ) }} as points
    from accepted
    where record = 'achievement' and component = 'recipients' and realised is not null

),

result_lists as (

    select
        period,
        level,
        service_code,
        digits,
        count(*) as peer_count,
        list_sort(list(points)) as all_points
    from results
    group by period, level, service_code, digits

),

result_medians as (

    select
        *,
        {{ twice_median('all_points') }} as points_twice
    from result_lists

),

result_distances as (

    select
        * exclude (all_points),
        {{ doubled_distances('all_points', 'points_twice') }} as distances
    from result_medians

),

budgets as (

    select
        row_id,
        period,
        level,
        sector_code,
        subject,
        target
    from accepted
    where record = 'budget'

),

budget_lists as (

    select
        period,
        level,
        sector_code,
        subject,
        count(*) as peer_count,
        list_sort(list(target)) as amounts
    from budgets
    group by period, level, sector_code, subject

)

select
    results.row_id,
    result_distances.peer_count,
    results.points,
    result_distances.points_twice as peer_points_twice,
    {{ twice_median('result_distances.distances') }} as peer_deviation_fourfold,
    cast(null as decimal(38, 12)) as peer_rupiah
from results
inner join result_distances
    on results.period = result_distances.period
    and results.level = result_distances.level
    and results.service_code = result_distances.service_code
    and results.digits = result_distances.digits
union all
select
    budgets.row_id,
    budget_lists.peer_count,
    cast(null as hugeint) as points,
    cast(null as hugeint) as peer_points_twice,
    cast(null as hugeint) as peer_deviation_fourfold,
    -- of an even number the lower of the two in the middle: a size, not a measure
    budget_lists.amounts[(budget_lists.peer_count + 1) // 2] as peer_rupiah
from budgets
inner join budget_lists
    on budgets.period = budget_lists.period
    and budgets.level = budget_lists.level
    and budgets.sector_code = budget_lists.sector_code
    and budgets.subject = budget_lists.subject
