with

quarantine as (

    select * from {{ ref('mart_quarantine') }}

),

judged as (

    select * from {{ ref('int_rows__judged') }}

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}

),

row_findings as (

    select * from {{ ref('int_findings__rows') }}

),

region_findings as (

    select * from {{ ref('int_findings__regions') }}

),

rules as (

    select * from {{ ref('rules') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

published as (

    select * from {{ source('published', 'mart_finding') }}

),

unioned as (

    select
        quarantine.rule_id,
        quarantine.region_code,
        quarantine.period,
        judged.sector_code,
        judged.service_code,
        coalesce(outcomes.subject, quarantine.source_ref) as subject,
        quarantine.source_ref,
        quarantine.submission_id,
        quarantine.value
    from quarantine
    left join judged
        on quarantine.row_id = judged.row_id
    left join outcomes
        on quarantine.row_id = outcomes.row_id
    union all
    select
        rule_id,
        region_code,
        period,
        sector_code,
        service_code,
        subject,
        source_ref,
        submission_id,
        value
    from row_findings
    union all
    select
        rule_id,
        region_code,
        period,
        sector_code,
        cast(null as varchar) as service_code,
        coalesce(sector_code, '') as subject,
        source_ref,
        submission_id,
        value
    from region_findings

),

worded as (

    select
        unioned.*,
        rules.severity,
        {{ worded('rules.message_id') }} as message_id,
        {{ worded('rules.message_en') }} as message_en
    from unioned
    inner join rules
        on unioned.rule_id = rules.rule_id

),

open_before as (

    select * from published
    where
        status != 'fixed'
        and (period is null or period in (
            select periods.period from periods
            where periods.is_in_run
        ))

),

-- a finding is the same finding while its rule, region, period and subject stay, whichever document repeats it
current_findings as (

    select
        worded.*,
        case
            when exists (
                select 1
                from open_before
                where
                    open_before.rule_id = worded.rule_id
                    and open_before.region_code is not distinct from worded.region_code
                    and open_before.period is not distinct from worded.period
                    and open_before.subject is not distinct from worded.subject
            ) then 'persisting'
            else 'new'
        end as status
    from worded

),

fixed as (

    select open_before.*
    from open_before
    where not exists (
        select 1
        from worded
        where
            worded.rule_id = open_before.rule_id
            and worded.region_code is not distinct from open_before.region_code
            and worded.period is not distinct from open_before.period
            and worded.subject is not distinct from open_before.subject
    )

)

select
    rule_id,
    severity,
    region_code,
    period,
    sector_code,
    service_code,
    subject,
    source_ref,
    submission_id,
    value,
    message_id,
    message_en,
    status
from current_findings
union all
select
    rule_id,
    severity,
    region_code,
    period,
    sector_code,
    service_code,
    subject,
    source_ref,
    submission_id,
    value,
    message_id,
    message_en,
    'fixed' as status
from fixed
