{%- set corrected_cell = [
    'correction_id', 'letter', 'region_code', 'period', 'record', 'service_code', 'component', 'item', 'column_name'
] -%}

with

periods as (

    select * from {{ ref('int_restatements__periods') }}
    where is_in_run

),

services as (

    select
        service_code,
        sector_code
    from {{ ref('services') }}
    group by service_code, sector_code

),

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where period in (select periods.period from periods)

),

applied as (

    select target_correction_id as correction_id from accepted
    where target_correction_id is not null
    union
    select realised_correction_id as correction_id from accepted
    where realised_correction_id is not null

),

corrections as (

    select
        correction_id,
        letter,
        region_code,
        period,
        record,
        sector as sector_code,
        service as service_code,
        component,
        item,
        column_name,
        cast(new as decimal(38, 12)) as new
    from {{ ref('corrections') }}
    where correction_id in (select applied.correction_id from applied)

),

corrections_before as (

    select * from {{ ref('stg_published__mart_correction') }}
    where outcome = 'applied' and period in (select periods.period from periods)

),

-- corrections that count now and did not, that did and do not, or that give another value
changed as (

    select
        {%- for column in corrected_cell %}
            coalesce(corrections.{{ column }}, corrections_before.{{ column }}) as {{ column }},
        {%- endfor %}
        coalesce(corrections.sector_code, corrections_before.sector_code) as sector_code
    from corrections
    full outer join corrections_before
        on
        {%- for column in corrected_cell if column != 'letter' %}
            {{ 'and ' if not loop.first }}corrections.{{ column }} is not distinct from corrections_before.{{ column }}
        {%- endfor %}
    where corrections.new is distinct from corrections_before.new

)

-- a letter is named as a document is, by the id under which mart_correction holds it
select
    changed.correction_id || ' (' || changed.letter || ')' as document_id,
    changed.period,
    changed.region_code,
    case when changed.service_code is null then changed.sector_code else services.sector_code end as sector_code,
    changed.record = 'published_index' as is_published_index
from changed
left join services
    on changed.service_code = services.service_code
