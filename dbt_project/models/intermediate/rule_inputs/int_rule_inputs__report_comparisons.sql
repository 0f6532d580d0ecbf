with

scores as (

    select * from {{ ref('int_scores__regions') }}
    where basis = 'submitted'

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run

),

rows_of_reports as (

    select * from {{ ref('int_rule_inputs__receipts') }}

),

-- from this run where it builds the quarter, else as published
known as (

    select
        current_region_code,
        period,
        {{ share('services_answered', 'services_owed') }} as completeness
    from scores
    union all
    select
        current_region_code,
        period,
        completeness
    from {{ ref('stg_published__mart_region_score') }}
    where basis = 'submitted' and period not in (select run_periods.period from run_periods)

),

first_rows as (

    select
        region_code,
        period,
        min(document_id) as document_id,
        arg_min(submission_id, document_id) as submission_id,
        arg_min(first_ref, document_id) as row_ref
    from rows_of_reports
    group by region_code, period

)

select
    scores.region_code || '/' || scores.period as row_id,
    scores.region_code,
    scores.period,
    cast(null as varchar) as sector_code,
    cast(null as varchar) as service_code,
    '' as subject,
    first_rows.document_id,
    first_rows.submission_id,
    first_rows.row_ref,
    {{ share('scores.services_answered', 'scores.services_owed') }} as completeness,
    known.completeness as previous_completeness
from scores
inner join periods
    on scores.period = periods.period
inner join first_rows
    on scores.region_code = first_rows.region_code
    and scores.period = first_rows.period
left join known
    on scores.current_region_code = known.current_region_code
    and periods.previous_period = known.period
