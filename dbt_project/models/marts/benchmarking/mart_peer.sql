with

regions as (

    select * from {{ ref('int_scores__regions') }}
    where method_version is not null

),

sectors as (

    select * from {{ ref('int_scores__sectors') }}

),

peers as (

    select * from {{ ref('int_peers__regions') }}

),

methods as (

    select * from {{ ref('int_methods__bounds') }}

),

parameters as (

    select max(value) filter (where parameter = 'peer_min') as peer_min
    from {{ ref('benchmark_parameters') }}

),

indexes as (

    select
        region_code,
        period,
        cast(null as varchar) as sector_code,
        index_settled
    from regions
    union all
    select
        region_code,
        period,
        sector_code,
        {{ round_to_1e15('index_points') }} as index_settled
    from sectors

),

listed as (

    select
        region_code,
        period,
        any_value(island_group) as island_group,
        any_value(target_population) as target_population,
        any_value(doubtful_targets) as doubtful_targets,
        any_value(peer_basis) as peer_basis,
        string_agg(peer_code, ', ' order by peer_code) as peers
    from peers
    group by region_code, period

),

medians as (

    select
        peers.region_code,
        peers.period,
        indexes.sector_code,
        count(indexes.index_settled) as n_peers,
        {{ exact_median('indexes.index_settled') }} as median_settled
    from peers
    inner join indexes
        on peers.peer_code = indexes.region_code
        and peers.period = indexes.period
    group by peers.region_code, peers.period, indexes.sector_code

),

shown as (

    select
        regions.region_code,
        regions.current_region_code,
        regions.level,
        regions.province_code,
        regions.period,
        indexes.sector_code,
        listed.island_group,
        listed.target_population,
        listed.doubtful_targets,
        listed.peer_basis,
        listed.peers,
        coalesce(medians.n_peers, 0) as n_peers,
        {{ display('indexes.index_settled', 'methods.band_bounds', 6) }} as index,
        case
            when medians.n_peers >= parameters.peer_min
                then {{ display('medians.median_settled', 'methods.band_bounds', 6) }}
        end as peer_median,
        regions.method_version
    from regions
    cross join parameters
    inner join indexes
        on regions.region_code = indexes.region_code
        and regions.period = indexes.period
    inner join listed
        on regions.region_code = listed.region_code
        and regions.period = listed.period
    left join medians
        on indexes.region_code = medians.region_code
        and indexes.period = medians.period
        and indexes.sector_code is not distinct from medians.sector_code
    left join methods
        on regions.method_version = methods.method_version

)

select
    region_code,
    current_region_code,
    level,
    province_code,
    period,
    sector_code,
    island_group,
    cast(target_population as bigint) as target_population,
    cast(doubtful_targets as integer) as doubtful_targets,
    peer_basis,
    peers,
    cast(n_peers as integer) as n_peers,
    cast(index as decimal(18, 6)) as index,
    cast(peer_median as decimal(18, 6)) as peer_median,
    cast(index - peer_median as decimal(18, 6)) as difference_from_median,
    method_version
from shown
