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

run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run

),

corrections as (

    select * from {{ ref('corrections') }}

),

catalogue as (

    select * from {{ ref('services') }}

),

labels as (

    select * from {{ ref('code_labels') }}
    where field = 'component'

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

limits as (

    {{ limits_of(reading_rules()) }}

),

items as (

    select * from {{ ref('quality_items') }}

),

-- an item is named by its code or its name; of a period it has one code, or none where it is not valid then
quality_items as (

    select
        named.service_code,
        named.component,
        named.item_key,
        run_periods.period,
        min(named.item_code) filter (
            where named.valid_from_period <= run_periods.period
            and (named.valid_to_period >= run_periods.period or named.valid_to_period is null)
        ) as item_code
    from (
        select *, {{ words_key('item_code') }} as item_key from items
        union all
        select *, {{ words_key('name_id') }} as item_key from items
    ) as named
    cross join run_periods
    group by named.service_code, named.component, named.item_key, run_periods.period

),

-- an indicator of PP 65/2005 is one only where the text names no service that is valid in the period
matched as (

    select
        rows.*,
        numbers.target,
        numbers.realised,
        numbers.target_notation,
        numbers.realised_notation,
        regions.region_code,
        regions.current_region_code,
        regions.candidate_codes,
        regions.founded,
        regions.rule_id as region_rule_id,
        services.service_code as named_service_code,
        services.sector_code as named_sector_code,
        services.rule_id as named_service_rule_id,
        services.is_other_sector as is_named_other_sector,
        legacy.sector_name as legacy_sector_name,
        legacy.rule_id as legacy_rule_id,
        case
            when services.service_code is not null and services.rule_id is null then null
            when services.service_code is not null and legacy.rule_id is not null then null
            else legacy.indicator_code
        end as legacy_indicator_code,
        components.component as named_component,
        {{ words_key('rows.item_text') }} as item_key
    from rows
    inner join numbers
        on rows.row_id = numbers.row_id
    left join regions
        on rows.region_text = regions.region_text
        and rows.region_codes = regions.region_codes
        and rows.period = regions.period
    left join services
        on rows.service_text is not distinct from services.service_text
        and rows.sector_text is not distinct from services.sector_text
        and rows.period = services.period
        and regions.tier = services.tier
    left join legacy
        on coalesce(rows.service_text, rows.item_text) = legacy.indicator_text
        and rows.record = 'achievement'
        and rows.period = legacy.period
        and regions.tier = legacy.tier
    left join components
        on rows.component_text = components.component_text

),

resolved as (

    select
        * exclude (
            named_service_code,
            named_sector_code,
            named_service_rule_id,
            is_named_other_sector,
            named_component,
            legacy_sector_name,
            legacy_rule_id
        ),
        case when legacy_indicator_code is null then named_service_code end as service_code,
        case when legacy_indicator_code is null then named_sector_code end as sector_code,
        case when legacy_indicator_code is null then named_service_rule_id else legacy_rule_id end as service_rule_id,
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

),

itemised as (

    select
        resolved.*,
        quality_items.item_code,
        quality_items.item_key is not null and quality_items.item_code is null as is_ended_item
    from resolved
    left join quality_items
        on resolved.service_code = quality_items.service_code
        and resolved.component = quality_items.component
        and resolved.item_key = quality_items.item_key
        and resolved.period = quality_items.period

),

-- a value is corrected only where what the letter found still stands; mart_correction tells the others
corrected as (

    select
        itemised.* exclude (target, realised, target_notation, realised_notation),
        case when of_target.correction_id is null then itemised.target else of_target.new end as target,
        case when of_target.correction_id is null then itemised.target_notation else 'number' end as target_notation,
        case when of_realised.correction_id is null then itemised.realised else of_realised.new end as realised,
        case when of_realised.correction_id is null then itemised.realised_notation else 'number' end as realised_notation,
        of_target.correction_id as target_correction_id,
        of_realised.correction_id as realised_correction_id
    from itemised
    left join corrections as of_target
        on {{ is_corrected_cell('itemised', 'of_target', 'target') }}
        and {{ still_stands('itemised', 'of_target', 'target') }}
    left join corrections as of_realised
        on {{ is_corrected_cell('itemised', 'of_realised', 'realised') }}
        and {{ still_stands('itemised', 'of_realised', 'realised') }}

),

-- beside a recipients row that names the recipients as the catalogue does, one that names something else is junk
recipients_named as (

    select
        corrected.*,
        corrected.component = 'recipients'
        and coalesce(corrected.item_key, '') in (
            '', 'recipients', 'penerima',
            coalesce({{ words_key('catalogue.recipients_id') }}, ''), coalesce({{ words_key('catalogue.name_id') }}, '')
        ) as is_named_recipients
    from corrected
    left join catalogue
        on corrected.service_code = catalogue.service_code

),

told_apart as (

    select
        *,
        component = 'recipients'
        and legacy_indicator_code is null
        and not is_named_recipients
        and bool_or(is_named_recipients) over (
            partition by document_id, region_code, period, service_code
        ) as is_beside_recipients
    from recipients_named

),

limited as (

    select
        told_apart.*,
        limits.* exclude (period),
        case
            when told_apart.record = 'achievement' then limits.{{ limit('NUM-004', 'max_count') }}
            else limits.{{ limit('NUM-004', 'max_rupiah') }}
        end as value_limit
    from told_apart
    left join limits
        on told_apart.period = limits.period

),

-- the first rule that a row breaks is its rule
judged as (

    select
        *,
        {{ first_broken(reading_rules()) }} as rule_id
    from limited

)

-- the finding names the cell at fault, not only its row
select
    * exclude (
        {{ limits_in(reading_rules()) }},
        value_limit,
        is_named_recipients,
        is_beside_recipients,
        is_ended_item
    ),
    {{ said_by(reading_rules(), 'place', 'row_ref') }} as rule_ref,
    {{ said_by(reading_rules(), 'value') }} as rule_value
from judged
