with

budgets as (

    select
        region_code,
        period,
        sum(allocated_idr) as allocated_idr,
        sum(spent_idr) as spent_idr
    from marts.mart_budget
    group by region_code, period

),

peers as (

    select * from marts.mart_peer
    where sector_code is null

),

history as (

    select
        region_code,
        period,
        count(previous_index) as revisions,
        min(case when index is not null then revision end) as first_revision
    from bi.index_history
    group by region_code, period

),

firsts as (

    select
        told.region_code,
        told.period,
        history.revisions,
        told.index as first_index,
        told.published_on as first_published_on
    from bi.index_history as told
    inner join history
        on told.region_code = history.region_code
        and told.period = history.period
        and told.revision = history.first_revision

)

select
    scores.region_code,
    scores.current_region_code,
    scores.region_name,
    scores.level,
    levels.label_id as level_name_id,
    levels.label_en as level_name_en,
    scores.province_code,
    scores.province_name,
    regions.island_group,
    regions.island_group_name_id,
    regions.island_group_name_en,

    scores.period,
    periods.year,
    periods.quarter,
    periods.quarter_start,
    periods.quarter_end,
    periods.is_latest,
    scores.is_interim,
    scores.method_version,

    compliance.reporting_status,
    statuses.label_id as reporting_status_name_id,
    statuses.label_en as reporting_status_name_en,
    statuses.sort_order as reporting_status_order,
    compliance.timeliness,
    timeliness.label_id as timeliness_name_id,
    timeliness.label_en as timeliness_name_en,
    compliance.first_received_at,
    cast(compliance.first_received_at at time zone 'Asia/Jakarta' as date) as received_on,
    compliance.window_closes_on,
    case compliance.timeliness
        when 'on_time' then 0
        when 'late'
            then
                cast(
                    cast(compliance.first_received_at at time zone 'Asia/Jakarta' as date) - compliance.window_closes_on
                    as integer
                )
    end as days_late,
    compliance.documents_accepted,
    compliance.documents_rejected,
    compliance.services_owed,
    compliance.services_answered,
    scores.completeness,
    scores.items_owed,
    scores.items_reported,

    cast(scores.index as decimal(9, 6)) as index,
    cast(scores.index_reported as decimal(9, 6)) as index_reported,
    cast(scores.index_display as decimal(5, 2)) as index_display,
    cast(100 - scores.index as decimal(9, 6)) as points_lost,
    firsts.first_index,
    firsts.first_published_on,
    cast(firsts.revisions as integer) as revisions,
    scores.basis,
    bases.label_id as basis_name_id,
    bases.label_en as basis_name_en,
    scores.band_code,
    bands.name_id as band_name_id,
    bands.name_en as band_name_en,
    bands.sort_order as band_order,
    bands.colour as band_colour,
    cast(scores.gap_to_next_band as decimal(9, 6)) as gap_to_next_band,

    scores.is_ranked,
    scores.rank_national,
    scores.n_national,
    scores.rank_province,
    scores.n_province,
    scores.tie_size,
    scores.rank_change,
    stability.rank_best,
    stability.rank_worst,
    stability.is_tied,
    cast(scores.change_from_previous_period as decimal(9, 6)) as change_from_previous_period,
    cast(scores.change_from_previous_year as decimal(9, 6)) as change_from_previous_year,
    cast(projections.projected_index as decimal(9, 6)) as projected_index,
    projections.is_on_track,

    cast(peers.peer_median as decimal(9, 6)) as peer_median,
    cast(peers.difference_from_median as decimal(9, 6)) as difference_from_median,
    peers.n_peers,
    peers.target_population,
    cast(budgets.allocated_idr as decimal(28, 2)) as allocated_idr,
    cast(budgets.spent_idr as decimal(28, 2)) as spent_idr
from marts.mart_region_score as scores
inner join bi.period as periods
    on scores.period = periods.period
left join marts.mart_compliance as compliance
    on scores.region_code = compliance.region_code
    and scores.period = compliance.period
left join firsts
    on scores.region_code = firsts.region_code
    and scores.period = firsts.period
left join marts.dim_current_region as regions
    on scores.current_region_code = regions.current_region_code
left join marts.dim_band as bands
    on scores.method_version = bands.method_version
    and scores.band_code = bands.band_code
left join marts.mart_rank_stability as stability
    on scores.region_code = stability.region_code
    and scores.period = stability.period
left join marts.mart_projection as projections
    on scores.region_code = projections.region_code
    and scores.period = projections.period
left join peers
    on scores.region_code = peers.region_code
    and scores.period = peers.period
left join budgets
    on scores.region_code = budgets.region_code
    and scores.period = budgets.period
left join marts.dim_code as levels
    on scores.level = levels.code
    and levels.field = 'level'
left join marts.dim_code as statuses
    on compliance.reporting_status = statuses.code
    and statuses.field = 'reporting_status'
left join marts.dim_code as timeliness
    on compliance.timeliness = timeliness.code
    and timeliness.field = 'timeliness'
left join marts.dim_code as bases
    on scores.basis = bases.code
    and bases.field = 'basis'
