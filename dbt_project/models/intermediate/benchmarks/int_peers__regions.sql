with

expected as (

    select * from {{ ref('int_expected__regions') }}
    where method_version is not null

),

scores as (

    select * from {{ ref('int_scores__regions') }}

),

island_groups as (

    select * from {{ ref('island_groups') }}

),

parameters as (

    select
        max(value) filter (where parameter = 'peer_count') as peer_count,
        max(value) filter (where parameter = 'peer_min') as peer_min,
        cast(max(value) filter (where parameter = 'peer_max_size_percent') as hugeint) as max_size_percent
    from {{ ref('benchmark_parameters') }}

),

-- a target in percent counts nobody, and one that is doubted is in no sum
targets as (

    select
        accepted.region_code,
        accepted.period,
        cast(round(sum(accepted.target) filter (where doubts.row_id is null), 0) as hugeint) as target_population,
        count(doubts.row_id) as doubtful_targets
    from {{ ref('int_rows__accepted') }} as accepted
    left join {{ ref('int_findings__doubts') }} as doubts
        on accepted.row_id = doubts.row_id
    where
        accepted.record = 'achievement'
        and accepted.component = 'recipients'
        and accepted.legacy_indicator_code is null
        and accepted.target > 0
        and not coalesce({{ is_percent('accepted.unit') }}, false)
    group by accepted.region_code, accepted.period

),

regions as (

    select
        expected.region_code,
        expected.period,
        expected.level,
        island_groups.island_group,
        scores.is_ranked,
        targets.target_population,
        targets.doubtful_targets
    from expected
    inner join scores
        on expected.region_code = scores.region_code
        and expected.period = scores.period
    inner join island_groups
        on expected.province_code = island_groups.province_code
    left join targets
        on expected.region_code = targets.region_code
        and expected.period = targets.period

),

-- a report that is too thin to be ranked is nobody's measure
pairs as (

    select
        regions.region_code,
        regions.period,
        peers.region_code as peer_code,
        regions.target_population as own,
        peers.target_population as theirs,
        regions.island_group = peers.island_group as is_near,
        coalesce(
            100 * regions.target_population <= parameters.max_size_percent * peers.target_population
            and 100 * peers.target_population <= parameters.max_size_percent * regions.target_population,
            false
        ) as is_alike
    from regions
    inner join regions as peers
        on regions.period = peers.period
        and regions.level = peers.level
        and regions.region_code != peers.region_code
    cross join parameters
    where peers.is_ranked

),

-- the first group that has enough: the islands and the size, the size alone, the islands alone
bases as (

    select
        pairs.region_code,
        pairs.period,
        case
            when count(*) filter (where pairs.is_near and pairs.is_alike) >= any_value(parameters.peer_min)
                then 'islands_and_size'
            when count(*) filter (where pairs.is_alike) >= any_value(parameters.peer_min) then 'size'
            when count(*) filter (where pairs.is_near) >= any_value(parameters.peer_min) then 'islands'
        end as peer_basis
    from pairs
    cross join parameters
    group by pairs.region_code, pairs.period

),

chosen as (

    select
        pairs.region_code,
        pairs.period,
        pairs.peer_code,
        bases.peer_basis,
        -- how many times the smaller one goes into the larger one
        case
            when pairs.own >= pairs.theirs then pairs.own * {{ ten_to(9) }} // pairs.theirs
            else pairs.theirs * {{ ten_to(9) }} // pairs.own
        end as unlikeness
    from pairs
    inner join bases
        on pairs.region_code = bases.region_code
        and pairs.period = bases.period
    where
        case bases.peer_basis
            when 'islands_and_size' then pairs.is_near and pairs.is_alike
            when 'size' then pairs.is_alike
            when 'islands' then pairs.is_near
        end

),

placed as (

    select
        *,
        row_number() over (
            partition by region_code, period
            order by unlikeness asc nulls last, peer_code asc
        ) as place
    from chosen

),

-- a limit in the last join's condition would make it a nested loop
near as (

    select placed.*
    from placed
    cross join parameters
    where placed.peer_basis = 'islands' or placed.place <= parameters.peer_count

)

select
    regions.region_code,
    regions.period,
    regions.island_group,
    regions.target_population,
    regions.doubtful_targets,
    near.peer_code,
    near.peer_basis
from regions
left join near
    on regions.region_code = near.region_code
    and regions.period = near.period
