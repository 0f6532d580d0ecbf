with

-- what is counted in whole things, or in nothing that is known; rows of one unit are pooled as the index pools them
counted as (

    select
        recipients.region_code,
        recipients.current_region_code,
        recipients.period,
        recipients.sector_code,
        recipients.service_code,
        coalesce(recipients.unit_code, 'other') as unit_code,
        sum(case when recipients.realised is not null then recipients.target end) as target,
        sum(recipients.realised) as realised,
        sum(case when recipients.realised is null then recipients.target end) as target_without_result
    from marts.fct_indicator as recipients
    left join marts.dim_unit as units
        on recipients.unit_code = units.unit_code
    where
        recipients.component = 'recipients'
        and recipients.target > 0
        and not recipients.is_doubtful
        and coalesce(units.kind, 'whole') in ('person', 'whole')
    group by
        recipients.region_code,
        recipients.current_region_code,
        recipients.period,
        recipients.sector_code,
        recipients.service_code,
        coalesce(recipients.unit_code, 'other')

)

select
    own.region_code,
    own.current_region_code,
    scores.region_name,
    scores.level,
    levels.label_id as level_name_id,
    levels.label_en as level_name_en,
    scores.province_code,
    scores.province_name,
    regions.island_group,
    regions.island_group_name_id,
    regions.island_group_name_en,

    own.period,
    periods.year,
    periods.quarter,
    periods.quarter_start,
    periods.quarter_end,
    periods.is_latest,
    scores.is_interim,

    own.sector_code,
    sectors.name_id as sector_name_id,
    sectors.name_en as sector_name_en,
    sectors.sort_order as sector_order,
    own.service_code,
    services.name_id as service_name_id,
    services.name_en as service_name_en,
    services.recipients_id,
    own.unit_code,
    units.name_id as unit_name_id,
    units.name_en as unit_name_en,
    cast(own.target as decimal(26, 0)) as target,
    cast(own.realised as decimal(26, 0)) as realised,
    cast(case when own.realised < own.target then own.realised else own.target end as decimal(26, 0)) as served,
    cast(case when own.realised < own.target then own.target - own.realised else own.target - own.target end as decimal(26, 0))
        as not_served,
    cast(own.target_without_result as decimal(26, 0)) as target_without_result
from counted as own
left join marts.mart_region_score as scores
    on own.region_code = scores.region_code
    and own.period = scores.period
inner join bi.period as periods
    on own.period = periods.period
left join marts.dim_current_region as regions
    on own.current_region_code = regions.current_region_code
left join marts.dim_code as levels
    on scores.level = levels.code
    and levels.field = 'level'
inner join marts.dim_sector as sectors
    on own.sector_code = sectors.sector_code
inner join marts.dim_service as services
    on own.service_code = services.service_code
left join marts.dim_unit as units
    on own.unit_code = units.unit_code
