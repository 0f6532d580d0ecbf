with

waivers as (

    select * from {{ ref('waivers') }}

),

run_periods as (

    select period from {{ ref('stg_run__periods') }}
    where is_in_run

),

-- a region that sent nothing has nothing to waive yet
reporters as (

    select distinct
        region_code,
        period
    from {{ ref('int_rows__resolved') }}

),

findings as (

    select * from {{ ref('int_findings__waived') }}

),

covered as (

    select
        waivers.waiver_id,
        findings.period,
        count(*) as findings_covered,
        count(*) filter (where findings.waiver_id = waivers.waiver_id) as findings_waived,
        count(*) filter (where findings.waiver_id is null) as findings_too_late,
        min(findings.source_ref) filter (where findings.waiver_id is null) as first_too_late_ref,
        arg_min(findings.submission_id, findings.source_ref) filter (where findings.waiver_id is null) as first_submission_id,
        arg_min(findings.document_id, findings.source_ref) filter (where findings.waiver_id is null) as first_document_id
    from waivers
    inner join findings
        on {{ is_covered_by('findings', 'waivers') }}
    group by waivers.waiver_id, findings.period

)

select
    waivers.waiver_id || '/' || run_periods.period as row_id,
    waivers.waiver_id,
    waivers.rule_id as waived_rule_id,
    waivers.region_code,
    run_periods.period,
    waivers.sector_code,
    cast(null as varchar) as service_code,
    waivers.waiver_id as subject,
    waivers.subject as waived_subject,
    covered.first_document_id as document_id,
    covered.first_submission_id as submission_id,
    covered.first_too_late_ref,
    waivers.reason_id,
    waivers.reason_en,
    waivers.approver,
    waivers.letter,
    waivers.granted_on,
    waivers.expires_on,
    coalesce(covered.findings_covered, 0) as findings_covered,
    coalesce(covered.findings_waived, 0) as findings_waived,
    coalesce(covered.findings_too_late, 0) as findings_too_late
from waivers
inner join run_periods
    on run_periods.period between waivers.first_period and waivers.last_period
inner join reporters
    on waivers.region_code = reporters.region_code
    and run_periods.period = reporters.period
left join covered
    on waivers.waiver_id = covered.waiver_id
    and run_periods.period = covered.period
