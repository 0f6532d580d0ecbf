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

items as (

    select * from {{ ref('quality_items') }}

),

-- an item is named by its code or its name; the code goes first
quality_items as (

    select
        service_code,
        component,
        item_key,
        min(item_code) as item_code
    from (
        select service_code, component, item_code, {{ words_key('item_code') }} as item_key from items
        union all
        select service_code, component, item_code, {{ words_key('name_id') }} as item_key from items
    ) as named
    group by service_code, component, item_key

),

resolved as (

    select
        rows.*,
        numbers.target,
        numbers.realised,
        numbers.target_notation,
        numbers.realised_notation,
        regions.region_code,
        regions.current_region_code,
        regions.candidate_codes,
        regions.rule_id as region_rule_id,
        services.service_code,
        services.sector_code,
        services.rule_id as service_rule_id,
        services.is_other_sector,
        components.component,
        {{ words_key('rows.item_text') }} as item_key,
        case when rows.record = 'achievement' then 1000000000000000 else 100000000000000000 end as value_limit
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
    left join components
        on rows.component_text = components.component_text

),

-- beside a recipients row that names the recipients as the catalogue does, one that names something else is junk
recipients_named as (

    select
        resolved.*,
        resolved.component = 'recipients'
        and coalesce(resolved.item_key, '') in (
            '', 'recipients', 'penerima',
            coalesce({{ words_key('catalogue.recipients_id') }}, ''), coalesce({{ words_key('catalogue.name_id') }}, '')
        ) as is_named_recipients
    from resolved
    left join catalogue
        on resolved.service_code = catalogue.service_code

),

told_apart as (

    select
        *,
        component = 'recipients'
        and not is_named_recipients
        and bool_or(is_named_recipients) over (
            partition by document_id, region_code, period, service_code
        ) as is_beside_recipients
    from recipients_named

),

-- the first rule that a row breaks is its rule; the order goes from what a row is to what it says
judged as (

    select
        resolved.*,
        quality_items.item_code,
        case
            when resolved.reject_rule is not null then resolved.reject_rule
            when resolved.period is null then 'PER-001'
            when resolved.period < resolved.period_from or resolved.period > resolved.period_to then 'PER-002'
            when resolved.record is null or resolved.record not in (
                'achievement', 'budget', 'stage', 'team', 'action_plan', 'problem', 'published_index'
            ) then 'REC-001'
            when resolved.region_text is null then 'REG-001'
            when resolved.region_rule_id is not null then resolved.region_rule_id
            when resolved.service_rule_id is not null then resolved.service_rule_id
            when resolved.record = 'achievement' and resolved.service_code is null then 'SVC-001'
            when resolved.record = 'budget' and resolved.sector_code is null then 'SEC-001'
            when resolved.record = 'achievement' and resolved.component is null then 'CMP-001'
            when resolved.is_beside_recipients then 'ITM-002'
            when
                resolved.component != 'recipients'
                and quality_items.item_code is null
                and resolved.item_text is not null
                and regexp_full_match(resolved.item_key, '[a-z]?') then 'ITM-001'
            when resolved.target_notation = 'unreadable' or resolved.realised_notation = 'unreadable' then 'NUM-001'
            when resolved.target_notation = 'undecided' or resolved.realised_notation = 'undecided' then 'NUM-002'
            when resolved.target < 0 or resolved.realised < 0 then 'NUM-003'
            when resolved.target >= resolved.value_limit or resolved.realised >= resolved.value_limit then 'NUM-004'
            when
                resolved.target is null
                and resolved.target_notation in ('number', 'integer', 'plain', 'indonesian') then 'NUM-004'
            when
                resolved.realised is null
                and resolved.realised_notation in ('number', 'integer', 'plain', 'indonesian') then 'NUM-004'
            when resolved.record = 'published_index' and resolved.realised > 100 then 'NUM-005'
        end as rule_id
    from told_apart as resolved
    left join quality_items
        on resolved.service_code = quality_items.service_code
        and resolved.component = quality_items.component
        and resolved.item_key = quality_items.item_key

),

-- the finding names the cell at fault, not only its row
placed as (

    select
        *,
        case
            when rule_id is null then null
            when left(rule_id, 3) != 'NUM' then row_ref
            when target_notation = 'unreadable' and rule_id = 'NUM-001' then target_ref
            when target_notation = 'undecided' and rule_id = 'NUM-002' then target_ref
            when target < 0 and rule_id = 'NUM-003' then target_ref
            when
                rule_id = 'NUM-004'
                and (target >= value_limit or (target is null and target_notation not in ('missing', 'none', 'broken')))
                then target_ref
            else realised_ref
        end as rule_ref
    from judged

)

select
    * exclude (is_named_recipients, is_beside_recipients),
    case
        when rule_id is null then null
        when left(rule_id, 3) = 'ROW' then reject_text
        when left(rule_id, 3) = 'PER' then period_text
        when left(rule_id, 3) = 'REC' then record
        when rule_id = 'REG-002' then region_text || ' (' || candidate_codes || ')'
        when left(rule_id, 3) = 'REG' then region_text
        when left(rule_id, 3) = 'SVC' then service_text
        when left(rule_id, 3) = 'SEC' then sector_text
        when left(rule_id, 3) = 'CMP' then component_text
        when left(rule_id, 3) = 'ITM' then item_text
        when rule_ref = target_ref and target_ref != realised_ref then target_text
        -- text documents have one place for both cells
        when rule_id = 'NUM-001' and target_notation = 'unreadable' then target_text
        when rule_id = 'NUM-002' and target_notation = 'undecided' then target_text
        when rule_id = 'NUM-003' and target < 0 then target_text
        when
            rule_id = 'NUM-004'
            and (target >= value_limit or (target is null and target_notation not in ('missing', 'none', 'broken')))
            then target_text
        else realised_text
    end as rule_value
from placed
