with

scores as (

    select * from {{ ref('int_scores__services') }}
    where status in ('reported', 'zero')

),

-- while the window is open a report is not the last one
expected as (

    select * from {{ ref('int_expected__regions') }}
    where not is_interim

),

compared as (

    select * from {{ ref('int_periods__compared') }}
    where is_same_year

),

run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run

),

catalogue as (

    select * from {{ ref('quality_items') }}

),

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where record = 'achievement' and legacy_indicator_code is null

),

first_rows as (

    select
        region_code,
        period,
        service_code,
        min(document_id) as document_id,
        arg_min(submission_id, document_id) as submission_id,
        arg_min(row_ref, document_id || lpad(cast(row_number as varchar), 9, '0')) as row_ref
    from accepted
    group by region_code, period, service_code

),

-- from this run where it builds the quarter, else as published
known as (

    select
        current_region_code,
        period,
        service_code,
        subject,
        coalesce(item_code, item_text) as item,
        item_version
    from accepted
    where component != 'recipients' and status in ('reported', 'zero')
    union all
    select
        current_region_code,
        period,
        service_code,
        subject,
        item,
        item_version
    from {{ ref('stg_published__fct_indicator') }}
    where
        component != 'recipients'
        and status in ('reported', 'zero')
        and period in (select compared.compared_period from compared)
        and period not in (select run_periods.period from run_periods)

),

-- what a rule holds back was not left out, and its own finding tells it
held_back as (

    select
        resolved.region_code,
        resolved.period,
        resolved.service_code,
        resolved.subject
    from {{ ref('int_rows__resolved') }} as resolved
    inner join {{ ref('int_rows__outcomes') }} as outcomes
        on resolved.row_id = outcomes.row_id
    where
        outcomes.outcome = 'quarantined'
        and resolved.record = 'achievement'
        and resolved.component is distinct from 'recipients'
        and not resolved.is_blank

),

-- `-` and `na` are as left out
there as (

    select
        region_code,
        period,
        subject
    from accepted
    where status != 'missing'
    union
    select
        region_code,
        period,
        subject
    from held_back

),

-- an item whose validity ended is owed no more
earlier as (

    select
        expected.region_code,
        expected.period,
        known.service_code,
        known.subject,
        arg_max(coalesce(catalogue.name_id, known.item), known.period) as item_name
    from expected
    inner join compared
        on expected.period = compared.period
    inner join known
        on compared.compared_period = known.period
        and expected.current_region_code = known.current_region_code
    left join catalogue
        on known.service_code = catalogue.service_code
        and known.item = catalogue.item_code
        and known.item_version = catalogue.item_version
    where catalogue.item_code is null or {{ is_valid_in('catalogue', 'expected.period') }}
    group by expected.region_code, expected.period, known.service_code, known.subject

),

-- under a name that says nothing, or with a component that is unknown, it may be any of them
held_back_elsewhere as (

    select
        held_back.region_code,
        held_back.period,
        held_back.service_code,
        count(*) as row_count
    from held_back
    anti join earlier
        on held_back.region_code = earlier.region_code
        and held_back.period = earlier.period
        and held_back.subject = earlier.subject
    group by held_back.region_code, held_back.period, held_back.service_code

),

counted as (

    select
        earlier.region_code,
        earlier.period,
        earlier.service_code,
        count(*) as items_before,
        count(*) filter (where there.subject is null) as items_left_out,
        list_sort(list(earlier.item_name) filter (where there.subject is null)) as names_left_out
    from earlier
    left join there
        on earlier.region_code = there.region_code
        and earlier.period = there.period
        and earlier.subject = there.subject
    group by earlier.region_code, earlier.period, earlier.service_code

)

select
    scores.region_code || '/' || scores.period || '/' || scores.service_code as row_id,
    scores.region_code,
    scores.period,
    scores.sector_code,
    scores.service_code,
    scores.service_code as subject,
    first_rows.document_id,
    first_rows.submission_id,
    first_rows.row_ref,
    counted.items_before,
    counted.items_left_out,
    coalesce(held_back_elsewhere.row_count, 0) as rows_held_back,
    array_to_string(counted.names_left_out[1:3], ', ')
    || case when counted.items_left_out > 3 then ', …' else '' end as names_left_out
from scores
inner join counted
    on scores.region_code = counted.region_code
    and scores.period = counted.period
    and scores.service_code = counted.service_code
inner join first_rows
    on scores.region_code = first_rows.region_code
    and scores.period = first_rows.period
    and scores.service_code = first_rows.service_code
left join held_back_elsewhere
    on scores.region_code = held_back_elsewhere.region_code
    and scores.period = held_back_elsewhere.period
    and scores.service_code = held_back_elsewhere.service_code
