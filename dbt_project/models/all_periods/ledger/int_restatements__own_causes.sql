with

cells as (

    select * from {{ ref('int_restatements__cells') }}

),

causes as (

    select
        *,
        {{ cause('reason', 'documents') }} as cause
    from {{ ref('int_restatements__causes') }}

),

published as (

    select * from {{ ref('int_restatements__periods') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

regions as (

    select * from {{ ref('mart_region_score') }}

),

-- whose change a cell follows: its region's, that of other regions in `peers`, or of an earlier quarter
placed as (

    select
        cells.*,
        regions.current_region_code,
        regions.level,
        regions.province_code,
        case
            when cells.column_name in ('rank_national', 'n_national', 'tie_size') then 'level:' || regions.level
            when cells.column_name in ('rank_province', 'n_province') then 'province:' || regions.province_code
            -- a figure of the press is ranked until a region of the period reports
            when cells.column_name = 'is_ranked' then 'all'
            when cells.table_name = 'mart_compliance_summary'
                then 'province:' || json_extract_string(cells.key, '$.province_code')
            when cells.table_name = 'mart_national_score' then 'scope:' || json_extract_string(cells.key, '$.scope')
        end as peers,
        case cells.column_name
            when 'change_from_previous_period' then periods.previous_period
            when 'change_from_previous_year' then periods.same_quarter_last_year
        end as earlier_period
    from cells
    inner join periods
        on cells.period = periods.period
    left join regions
        on cells.region_code = regions.region_code
        and cells.period = regions.period

)

select
    placed.*,
    placed.region_code is null or placed.peers is not null as is_of_others,
    case
        when of_sector.reason is not null then of_sector.cause
        when placed.sector_code is null or of_region.is_first_report then of_region.cause
    end as own_cause,
    of_region.cause as region_cause,
    {{ cause('published.reason') }} as period_cause
from placed
left join causes as of_sector
    on of_sector.scope = 'sector'
    and placed.region_code = of_sector.region_code
    and placed.period = of_sector.period
    and placed.sector_code = of_sector.sector_code
left join causes as of_region
    on of_region.scope = 'region'
    and placed.region_code = of_region.region_code
    and placed.period = of_region.period
left join published
    on placed.period = published.period
