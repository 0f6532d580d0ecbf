-- a view: int_rows__itemised alone reads it
{{ config(materialized='view') }}

with

rows as (

    select * from {{ ref('stg_landing__rows') }}

),

numbers as (

    select * from {{ ref('int_rows__numbers') }}

),

regions as (

    select * from {{ ref('int_rows__regions') }}

),

services as (

    select * from {{ ref('int_rows__services') }}

),

legacy as (

    select * from {{ ref('int_rows__legacy_indicators') }}

),

senders as (

    select * from {{ ref('int_documents__senders') }}

),

labels as (

    select * from {{ ref('code_labels') }}
    where field = 'component'

),

index_components as (

    select distinct component_text
    from rows
    where record = 'published_index' and component_text is not null

),

-- each way a part of an index is written, once; its total is the index itself
index_parts as (

    select
        mentions.component_text,
        nullif(coalesce(any_value(listed.code), 'unknown'), 'total') as index_part
    from index_components as mentions
    left join {{ ref('code_labels') }} as listed
        on listed.field = 'index_part'
        and {{ words_key('mentions.component_text') }} in ({{ words_key('listed.code') }}, {{ words_key('listed.label_id') }})
    group by mentions.component_text

),

-- each way a unit is written, once
units as (

    select
        mentions.unit,
        listed.kind as unit_kind
    from (select distinct unit from rows) as mentions
    inner join {{ ref('units') }} as listed
        on {{ unit_key('mentions.unit') }} = {{ unit_key('listed.unit') }}

),

first_service as (

    select min(valid_from_period) as period from {{ ref('services') }}

),

-- each way a component is written, once
components as (

    select
        mentions.component_text,
        labels.code as component
    from (select distinct component_text from rows) as mentions
    inner join labels
        on {{ words_key('mentions.component_text') }}
        in ({{ words_key('labels.code') }}, {{ words_key('labels.label_id') }})

),

-- an indicator of PP 65/2005 is one only where the text names no service that is valid in the period
matched as (

    select
        rows.* exclude (target_is_number, realised_is_number, unit, arrival, received_at),
        -- what came from who may not report for the region did not come
        coalesce(senders.arrival, rows.arrival) as arrival,
        coalesce(senders.received_at, rows.received_at) as received_at,
        coalesce(not senders.is_allowed, false) as is_refused,
        rows.unit as unit_text,
        units.unit_kind,
        case when rows.record = 'published_index' then index_parts.index_part end as index_part,
        numbers.target_says_percent,
        numbers.realised_says_percent,
        numbers.target,
        numbers.realised,
        numbers.target_notation,
        numbers.realised_notation,
        regions.region_code,
        regions.current_region_code,
        regions.tier,
        regions.is_expected,
        regions.candidate_count as region_candidate_count,
        regions.candidate_codes as region_candidate_codes,
        regions.is_contradicted as is_region_contradicted,
        regions.founded as region_founded,
        rows.period < first_service.period as is_before_services,
        services.service_code as named_service_code,
        services.sector_code as named_sector_code,
        services.service_tier as named_service_tier,
        services.is_valid as is_named_service_valid,
        services.is_other_sector as is_named_other_sector,
        legacy.sector_name as legacy_sector_name,
        legacy.indicator_tier as legacy_tier,
        legacy.is_valid as is_legacy_valid,
        case
            when services.service_code is not null and (services.is_owed or not legacy.is_owed) then null
            else legacy.indicator_code
        end as legacy_indicator_code,
        components.component as named_component,
        {{ words_key('rows.item_text') }} as item_key
    from rows
    cross join first_service
    inner join numbers
        on rows.row_id = numbers.row_id
    left join regions
        on rows.region_text = regions.region_text
        and rows.region_codes = regions.region_codes
        and rows.period is not distinct from regions.period
    left join senders
        on rows.document_id = senders.document_id
        and regions.region_code = senders.region_code
        and rows.period = senders.period
    left join services
        on rows.service_text is not distinct from services.service_text
        and rows.sector_text is not distinct from services.sector_text
        and rows.period = services.period
        and regions.tier = services.tier
    left join legacy
        -- one equation: a condition on the row alone would make it a nested loop
        on case when rows.record = 'achievement' then coalesce(rows.service_text, rows.item_text) end = legacy.indicator_text
        and rows.period = legacy.period
        and regions.tier = legacy.tier
    left join components
        on rows.component_text = components.component_text
    left join index_parts
        on rows.component_text = index_parts.component_text
    left join units
        on rows.unit = units.unit

)

select
    * exclude (
        named_service_code,
        named_sector_code,
        named_service_tier,
        is_named_service_valid,
        is_named_other_sector,
        named_component,
        legacy_sector_name,
        legacy_tier,
        is_legacy_valid
    ),
    -- a % is a unit: on the target it says what the row is in; on the result alone where the target is 100 of nothing
    coalesce(unit_kind = 'percent', false)
    or (
        record = 'achievement'
        and (target_says_percent or (realised_says_percent and target = 100 and unit_text is null))
    ) as is_percent,
    case when is_percent and coalesce(unit_kind, '') != 'percent' then 'percent' else unit_text end as unit,
    case when legacy_indicator_code is null then named_service_code end as service_code,
    case when legacy_indicator_code is null then named_sector_code end as sector_code,
    case when legacy_indicator_code is null then named_service_tier else legacy_tier end as service_tier,
    case when legacy_indicator_code is null then is_named_service_valid else is_legacy_valid end as is_service_valid,
    legacy_indicator_code is null and is_named_other_sector as is_other_sector,
    case when legacy_indicator_code is not null then legacy_sector_name end as legacy_sector_name,
    case
        when legacy_indicator_code is null then null
        when item_key = 'targetdaerah' then 'own_target'
        else 'achievement'
    end as legacy_measure,
    -- the regime of PP 65/2005 knows no components
    case when legacy_indicator_code is not null and component_text is null then 'recipients' else named_component end
        as component
from matched
