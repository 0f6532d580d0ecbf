with

rows as (

    select * from {{ ref('stg_landing__rows') }}

),

regions as (

    select * from {{ ref('int_rows__regions') }}

),

services as (

    select * from {{ ref('services') }}

),

sectors as (

    select * from {{ ref('sectors') }}

),

mentions as (

    select distinct
        rows.service_text,
        rows.sector_text,
        rows.period,
        regions.tier,
        {{ words_key('rows.service_text') }} as service_key,
        {{ words_key('rows.sector_text') }} as sector_key
    from rows
    inner join regions
        on rows.region_text = regions.region_text
        and rows.region_codes = regions.region_codes
        and rows.period = regions.period

),

-- a code means one service; a name means the service of the region's own tier
meant as (

    select
        mentions.*,
        services.service_code,
        services.sector_code as service_sector_code,
        services.tier as service_tier,
        services.valid_from_period <= mentions.period
        and (services.valid_to_period >= mentions.period or services.valid_to_period is null) as is_valid
    from mentions
    left join services
        on mentions.service_key = {{ words_key('services.service_code') }}
        or mentions.service_key = {{ words_key('services.espm_code') }}
        or (
            mentions.service_key = {{ words_key('services.name_id') }}
            and mentions.tier = services.tier
        )
    qualify row_number() over (
        partition by mentions.service_text, mentions.sector_text, mentions.period, mentions.tier
        order by is_valid desc nulls last, services.service_code asc nulls last
    ) = 1

),

resolved as (

    select
        meant.service_text,
        meant.sector_text,
        meant.period,
        meant.tier,
        meant.service_code,
        coalesce(meant.service_sector_code, sectors.sector_code) as sector_code,
        meant.service_tier,
        meant.is_valid,
        coalesce(meant.service_tier = meant.tier and meant.is_valid, false) as is_owed,
        coalesce(
            meant.service_code is not null
            and meant.sector_text is not null
            and meant.service_sector_code != coalesce(sectors.sector_code, ''),
            false
        ) as is_other_sector
    from meant
    left join sectors
        on meant.sector_key in ({{ words_key('sectors.sector_code') }}, {{ words_key('sectors.name_id') }})

)

select * from resolved
