with

rows as (

    select * from {{ ref('stg_landing__rows') }}
    where record = 'achievement'

),

regions as (

    select * from {{ ref('int_rows__regions') }}

),

indicators as (

    select * from {{ ref('legacy_indicators') }}

),

-- the indicator stands under `service`, or under `item` where no service is written
mentions as (

    select distinct
        coalesce(rows.service_text, rows.item_text) as indicator_text,
        rows.period,
        regions.tier,
        {{ words_key('coalesce(rows.service_text, rows.item_text)') }} as indicator_key
    from rows
    inner join regions
        on rows.region_text = regions.region_text
        and rows.region_codes = regions.region_codes
        and rows.period = regions.period
    where coalesce(rows.service_text, rows.item_text) is not null

),

-- a code means one indicator; a name means the indicator of the region's own tier
meant as (

    select
        mentions.*,
        indicators.indicator_code,
        indicators.sector_name_id as sector_name,
        indicators.tier as indicator_tier,
        indicators.valid_from_period <= mentions.period
        and (indicators.valid_to_period >= mentions.period or indicators.valid_to_period is null) as is_valid
    from mentions
    inner join indicators
        on mentions.indicator_key = {{ words_key('indicators.indicator_code') }}
        or (
            mentions.indicator_key = {{ words_key('indicators.name_id') }}
            and mentions.tier = indicators.tier
        )
    qualify row_number() over (
        partition by mentions.indicator_text, mentions.period, mentions.tier
        order by is_valid desc, indicators.indicator_code asc
    ) = 1

)

select
    indicator_text,
    period,
    tier,
    indicator_code,
    sector_name,
    indicator_tier,
    is_valid,
    indicator_tier = tier and is_valid as is_owed
from meant
