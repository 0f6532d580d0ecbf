with

-- every published period takes part, because a restated quarter moves the changes of the quarters after it
scores as (

    select * from {{ ref('int_all_periods__region_scores') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

)

select
    scores.region_code,
    scores.current_region_code,
    scores.region_name,
    scores.level,
    scores.province_code,
    scores.province_name,
    scores.period,
    scores.index,
    scores.index_reported,
    scores.index_display,
    scores.band_code,
    scores.band_name,
    scores.completeness,
    scores.items_owed,
    scores.items_reported,
    scores.basis,
    coalesce(scores.is_interim, false) as is_interim,
    scores.is_ranked,
    scores.rank_national,
    scores.n_national,
    scores.rank_province,
    scores.n_province,
    scores.tie_size,
    cast(previous_period.rank_national - scores.rank_national as integer) as rank_change,
    scores.gap_to_next_band,
    cast(scores.index - previous_period.index as decimal(18, 6)) as change_from_previous_period,
    cast(scores.index - previous_year.index as decimal(18, 6)) as change_from_previous_year,
    scores.method_version
from scores
inner join periods
    on scores.period = periods.period
left join scores as previous_period
    on scores.current_region_code = previous_period.current_region_code
    and periods.previous_period = previous_period.period
left join scores as previous_year
    on scores.current_region_code = previous_year.current_region_code
    and periods.same_quarter_last_year = previous_year.period
