with

readable as (

    select * from {{ ref('int_rule_inputs__repeats') }}

),

unreadable as (

    select * from {{ ref('int_rows__unreadable') }}

),

repeated as (

    select
        row_id,
        rule_id,
        verdict['place'] as rule_ref,
        verdict['value'] as rule_value
    from {{ ref('int_rules__repeats') }}
    unpivot (verdict for rule_id in (columns('^[A-Z]+-[0-9]{3}$')))
    where verdict['broken']

),

-- the sectors of a submission that are held back whole, or all of it: then there is no sector
blocked_sectors as (

    select
        submission_id,
        sector_code,
        min(rule_id) as rule_id,
        arg_min(source_ref, rule_id) as finding_ref
    from {{ ref('int_findings__submissions') }}
    where waiver_id is null
    group by submission_id, sector_code

),

-- each row that a rule on its sector holds back keeps its own place; the finding stands once, at the first
blocked as (

    select
        resolved.row_id,
        blocked_sectors.rule_id,
        resolved.row_ref as rule_ref,
        concat_ws(' / ', resolved.target_text, resolved.realised_text) as rule_value,
        blocked_sectors.finding_ref as sector_finding_ref
    from {{ ref('int_rows__resolved') }} as resolved
    inner join blocked_sectors
        on resolved.submission_id = blocked_sectors.submission_id
        and (blocked_sectors.sector_code is null or resolved.sector_code = blocked_sectors.sector_code)
    where resolved.record is distinct from 'published_index' or blocked_sectors.sector_code is null
    qualify row_number() over (partition by resolved.row_id order by blocked_sectors.sector_code asc nulls first) = 1

),

ruled as (

    select
        readable.*,
        coalesce(repeated.rule_id, blocked.rule_id) as rule_id,
        coalesce(repeated.rule_ref, blocked.rule_ref) as rule_ref,
        coalesce(repeated.rule_value, blocked.rule_value) as rule_value,
        case when repeated.row_id is null then blocked.sector_finding_ref end as sector_finding_ref
    from readable
    left join repeated
        on readable.row_id = repeated.row_id
    left join blocked
        on readable.row_id = blocked.row_id

),

-- a submission speaks for a sector when it has an accepted row there; blank prefilled rows do not replace a report
submissions as (

    select
        document_id,
        region_code,
        period,
        sector_key,
        is_published,
        row_number() over (
            partition by region_code, period, sector_key, is_published
            order by
                bool_or(is_filled_in) desc,
                max(arrival) desc,
                max(said_at) desc,
                document_id desc
        ) as recency
    from ruled
    where rule_id is null and not is_outdated
    group by document_id, region_code, period, sector_key, is_published

),

concluded as (

    select
        ruled.row_id,
        ruled.rule_id,
        ruled.rule_ref,
        ruled.rule_value,
        ruled.sector_finding_ref,
        case
            when ruled.rule_id is not null then 'quarantined'
            -- what was left blank is no data anywhere: a form sent back as it was handed out changes nothing
            when ruled.is_outdated or submissions.recency > 1 or not ruled.is_filled_in then 'superseded'
            when submissions.recency = 1 then 'accepted'
        end as outcome,
        ruled.rule_id is null and submissions.recency = 1 and not ruled.is_filled_in as is_left_blank
    from ruled
    left join submissions
        on ruled.document_id = submissions.document_id
        and ruled.region_code = submissions.region_code
        and ruled.period = submissions.period
        and ruled.sector_key = submissions.sector_key
        and ruled.is_published = submissions.is_published
    union all
    select
        row_id,
        rule_id,
        rule_ref,
        rule_value,
        cast(null as varchar) as sector_finding_ref,
        'quarantined' as outcome,
        false as is_left_blank
    from unreadable

)

select * from concluded
