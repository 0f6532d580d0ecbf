with

pairs as (

    select
        region_code,
        period,
        peer_basis,
        unnest(string_to_array(peers, ', ')) as peer_code
    from marts.mart_peer
    where sector_code is null

)

select
    scores.region_code,
    scores.current_region_code,
    scores.region_name,
    scores.level,
    scores.province_code,
    scores.province_name,
    scores.period,
    periods.quarter_end,
    periods.is_latest,
    own.peer_basis,
    bases.label_id as peer_basis_name_id,
    bases.label_en as peer_basis_name_en,
    own.peer_code,
    others.region_name as peer_name,
    others.province_name as peer_province_name,
    cast(scores.index as decimal(9, 6)) as index,
    cast(others.index as decimal(9, 6)) as peer_index
from pairs as own
inner join marts.mart_region_score as scores
    on own.region_code = scores.region_code
    and own.period = scores.period
inner join marts.mart_region_score as others
    on own.peer_code = others.region_code
    and own.period = others.period
inner join bi.period as periods
    on own.period = periods.period
left join marts.dim_code as bases
    on own.peer_basis = bases.code
    and bases.field = 'peer_basis'
