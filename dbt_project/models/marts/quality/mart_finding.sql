with

quarantine as (

    select * from {{ ref('mart_quarantine') }}

),

resolved as (

    select * from {{ ref('int_rows__resolved') }}

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}

),

judgements as (

    select * from {{ ref('int_findings__waived') }}

),

waiver_verdicts as (

    select *
    from {{ ref('int_rules__waivers') }}
    unpivot (verdict for rule_id in (columns('^[A-Z]+-[0-9]{3}$')))

),

waiver_findings as (

    select verdicts.*
    from waiver_verdicts as verdicts
    inner join {{ ref('rules') }} as rules
        on verdicts.rule_id = rules.rule_id
        and {{ is_valid_in('rules', 'verdicts.period') }}
    where verdict['broken']

),

rules as (

    select * from {{ ref('rules') }}

),

explanations as (

    select * from {{ ref('int_rows__explanations') }}

),

words as (

    select * from {{ ref('int_rules__words') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

published as (

    select * from {{ ref('stg_published__mart_finding') }}

),

unioned as (

    select
        quarantine.rule_id,
        quarantine.region_code,
        quarantine.period,
        resolved.sector_code,
        resolved.service_code,
        coalesce(resolved.subject, quarantine.source_ref) as subject,
        quarantine.source_ref,
        quarantine.document_id,
        quarantine.submission_id,
        quarantine.value,
        cast(null as varchar) as waiver_id,
        cast(null as varchar) as waiver_reason_id,
        cast(null as varchar) as waiver_reason_en
    from quarantine
    left join resolved
        on quarantine.row_id = resolved.row_id
    left join outcomes
        on quarantine.row_id = outcomes.row_id
    -- what holds back a sector is told once, whatever the number of its rows
    where outcomes.sector_finding_ref is null
    union all
    select
        rule_id,
        region_code,
        period,
        sector_code,
        service_code,
        subject,
        source_ref,
        document_id,
        submission_id,
        value,
        waiver_id,
        waiver_reason_id,
        waiver_reason_en
    from judgements
    union all
    select
        rule_id,
        region_code,
        period,
        sector_code,
        service_code,
        subject,
        verdict['place'] as source_ref,
        document_id,
        submission_id,
        verdict['value'] as value,
        null as waiver_id,
        null as waiver_reason_id,
        null as waiver_reason_en
    from waiver_findings

),

worded as (

    select
        unioned.*,
        words.severity,
        {{ worded('words.message_id', 'id') }} as message_id,
        {{ worded('words.message_en', 'en') }} as message_en
    from unioned
    inner join words
        on unioned.rule_id = words.rule_id
        and unioned.period is not distinct from words.period

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
known_before as (

    select
        rule_id,
        region_code,
        period,
        subject,
        max(explanation) as explanation
    from open_before
    group by rule_id, region_code, period, subject

),

-- what the region says of a row stands beside it, of its sector or itself among its problems
explained as (

    select
        worded.*,
        case
            when rules.scope in ('region_sector', 'region') then of_sector.explanation
            else of_place.explanation
        end as explanation
    from worded
    inner join rules
        on worded.rule_id = rules.rule_id
    left join explanations as of_place
        on worded.document_id = of_place.document_id
        and worded.source_ref = of_place.place
    left join explanations as of_sector
        on worded.submission_id = of_sector.submission_id
        and worded.sector_code is not distinct from of_sector.sector_code

),

-- an explanation given once goes on while the finding does
current_findings as (

    select
        explained.* exclude (explanation),
        case when known_before.rule_id is null then 'new' else 'persisting' end as status,
        coalesce(explained.explanation, known_before.explanation) as explanation
    from explained
    left join known_before
        on explained.rule_id = known_before.rule_id
        and explained.region_code is not distinct from known_before.region_code
        and explained.period is not distinct from known_before.period
        and explained.subject is not distinct from known_before.subject

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
    status,
    waiver_id,
    waiver_reason_id,
    waiver_reason_en,
    explanation
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
    'fixed' as status,
    waiver_id,
    waiver_reason_id,
    waiver_reason_en,
    explanation
from fixed
