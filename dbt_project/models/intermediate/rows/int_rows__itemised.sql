-- a view: int_rows__resolved alone reads it
{{ config(materialized='view') }}

with

matched as (

    select * from {{ ref('int_rows__matched') }}

),

items as (

    select * from {{ ref('quality_items') }}

),

run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run

),

-- an item is named by its code or its name; of a period it has one version and code, or none where it is not valid then
quality_items as (

    select
        named.service_code,
        named.component,
        named.item_key,
        run_periods.period,
        min({'item_code': named.item_code, 'item_version': named.item_version, 'unit': named.unit}) filter (
            where named.valid_from_period <= run_periods.period
            and (named.valid_to_period >= run_periods.period or named.valid_to_period is null)
        ) as item,
        -- the name of an item that comes later is, until then, the region's own word; its code is nobody's
        bool_or(named.is_code or named.valid_to_period < run_periods.period) as is_of_other_time
    from (
        select
            *,
            {{ words_key('item_code') }} as item_key,
            true as is_code
        from items
        union all
        select
            *,
            {{ words_key('name_id') }} as item_key,
            false as is_code
        from items
    ) as named
    cross join run_periods
    group by named.service_code, named.component, named.item_key, run_periods.period

)

select
    matched.*,
    quality_items.item['item_code'] as item_code,
    quality_items.item['item_version'] as item_version,
    quality_items.item['unit'] as item_unit,
    coalesce(quality_items.item is null and quality_items.is_of_other_time, false) as is_ended_item
from matched
left join quality_items
    on matched.service_code = quality_items.service_code
    and matched.component = quality_items.component
    and matched.item_key = quality_items.item_key
    and matched.period = quality_items.period
