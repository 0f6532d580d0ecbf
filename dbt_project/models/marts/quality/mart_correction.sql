with

corrections as (

    select * from {{ ref('corrections') }}

),

run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run

),

accepted as (

    select * from {{ ref('int_rows__accepted') }}

),

-- the accepted rows that a correction names, whether or not the value that it found still stands there
named as (

    select
        corrections.correction_id,
        accepted.submission_id,
        accepted.target_ref as cell_ref,
        accepted.target_text as found,
        coalesce(accepted.target_correction_id = corrections.correction_id, false) as is_applied
    from corrections
    inner join accepted
        on {{ is_corrected_cell('accepted', 'corrections', 'target') }}
    union all
    select
        corrections.correction_id,
        accepted.submission_id,
        accepted.realised_ref as cell_ref,
        accepted.realised_text as found,
        coalesce(accepted.realised_correction_id = corrections.correction_id, false) as is_applied
    from corrections
    inner join accepted
        on {{ is_corrected_cell('accepted', 'corrections', 'realised') }}

),

counted as (

    select
        correction_id,
        count(*) as cells,
        count(*) filter (where is_applied) as applied_cells,
        min(submission_id) as submission_id,
        min(cell_ref) as source_ref,
        min(found) as found
    from named
    group by correction_id

)

select
    corrections.correction_id,
    corrections.region_code,
    corrections.period,
    corrections.record,
    corrections.sector as sector_code,
    corrections.service as service_code,
    corrections.component,
    corrections.item,
    corrections.column_name,
    corrections.old,
    cast(corrections.new as decimal(38, 12)) as new,
    counted.found,
    case
        when counted.cells is null then 'unmatched'
        when counted.cells > 1 then 'ambiguous'
        when counted.applied_cells = 0 then 'stale'
        else 'applied'
    end as outcome,
    corrections.reason,
    corrections.letter,
    corrections.reviewed_by,
    corrections.decided_on,
    counted.submission_id,
    counted.source_ref
from corrections
inner join run_periods
    on corrections.period = run_periods.period
left join counted
    on corrections.correction_id = counted.correction_id
