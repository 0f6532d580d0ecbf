with

labels as (

    select * from {{ ref('code_labels') }}
    where field = 'stage'

),

-- the sectors of a submission that are held back whole
blocked as (

    select
        submission_id,
        sector_code,
        min(rule_id) as rule_id,
        arg_min(source_ref, rule_id) as finding_ref
    from {{ ref('int_findings__submissions') }}
    where waiver_id is null
    group by submission_id, sector_code

),

judged as (

    select
        row_id,
        document_id,
        document_id || '/' || region_code || '/' || period as submission_id,
        row_number,
        record,
        region_code,
        period,
        sector_code,
        coalesce(sector_code, legacy_sector_name, '') as sector_key,
        record = 'published_index' as is_published,
        rule_id,
        rule_ref,
        rule_value,
        row_ref,
        target_text,
        realised_text,
        target,
        realised,
        target_notation,
        realised_notation,
        note,
        submitted_at,
        coalesce(submitted_at, received_at) as known_at,
        received_at,
        -- what a row is about: two rows of one document about the same thing are one too many
        case
            when legacy_indicator_code is not null then legacy_indicator_code || '|' || legacy_measure
            when record = 'achievement' and component = 'recipients' then service_code || '|recipients'
            when record = 'achievement'
                then service_code || '|' || component || '|' || coalesce(item_code, item_key, '')
            -- one index a region or sector, one value a stage however it is named: their marts have no finer key
            when record = 'published_index' then ''
            when record = 'stage' then coalesce(labels.code, item_key, '')
            when record = 'budget' then coalesce(service_code, '') || '|' || coalesce(item_key, '')
            else coalesce(item_key, '') || '|' || coalesce(realised_text, '') || '|' || coalesce(note, '')
        end as subject
    from {{ ref('int_rows__judged') }}
    left join labels
        on item_key in ({{ words_key('labels.code') }}, {{ words_key('labels.label_id') }})

),

repeated as (

    select
        *,
        rule_id is null
        and known_at < max(known_at) filter (where rule_id is null) over same_subject as is_outdated,
        row_number() over (
            partition by document_id, record, region_code, period, sector_key, subject, rule_id is null
            order by known_at desc, row_number asc
        ) as repeat_number
    from judged
    window same_subject as (partition by document_id, record, region_code, period, sector_key, subject, rule_id is null)

),

current_repeats as (

    select
        *,
        count(*) over same_subject as repeat_count,
        min(coalesce(cast(target as varchar), target_notation) || '|' || coalesce(cast(realised as varchar), realised_notation))
            over same_subject
        != max(
            coalesce(cast(target as varchar), target_notation) || '|' || coalesce(cast(realised as varchar), realised_notation)
        )
            over same_subject as is_contradicted
    from repeated
    window same_subject as (
        partition by document_id, record, region_code, period, sector_key, subject, rule_id is null, is_outdated
    )

),

-- the same row twice: the first stands. Two rows that contradict each other: neither, the region must say
ruled as (

    select
        * exclude (rule_id, rule_ref, rule_value),
        case
            when rule_id is not null then rule_id
            when is_outdated or repeat_count = 1 then null
            else {{ first_broken(repeat_rules()) }}
        end as rule_id,
        case
            when rule_id is not null then rule_ref
            else row_ref
        end as rule_ref,
        case
            when rule_id is not null then rule_value
            else concat_ws(' / ', target_text, realised_text)
        end as rule_value
    from current_repeats

),

-- each row that a rule on its sector holds back keeps its own place; the finding stands once, at the first
held_back as (

    select
        ruled.* exclude (rule_id, rule_ref, rule_value),
        coalesce(ruled.rule_id, blocked.rule_id) as rule_id,
        case when ruled.rule_id is null then ruled.row_ref else ruled.rule_ref end as rule_ref,
        case
            when ruled.rule_id is null then concat_ws(' / ', ruled.target_text, ruled.realised_text)
            else ruled.rule_value
        end as rule_value,
        case when ruled.rule_id is null then blocked.finding_ref end as sector_finding_ref
    from ruled
    left join blocked
        on ruled.submission_id = blocked.submission_id
        and ruled.sector_code = blocked.sector_code
        and not ruled.is_published

),

-- a submission speaks for a sector when it has an accepted row there; blank prefilled rows do not replace a report
submissions as (

    select
        document_id,
        region_code,
        period,
        sector_key,
        is_published,
        max(known_at) as known_at,
        row_number() over (
            partition by region_code, period, sector_key, is_published
            order by
                bool_or(realised_text is not null or note is not null or record in ('team', 'action_plan', 'problem')) desc,
                max(known_at) desc,
                max(received_at) desc,
                document_id desc
        ) as recency
    from held_back
    where rule_id is null and not is_outdated
    group by document_id, region_code, period, sector_key, is_published

),

concluded as (

    select
        held_back.row_id,
        held_back.document_id,
        held_back.submission_id,
        held_back.subject,
        held_back.rule_id,
        case when held_back.rule_id is not null then held_back.rule_ref end as rule_ref,
        case when held_back.rule_id is not null then held_back.rule_value end as rule_value,
        held_back.sector_finding_ref,
        held_back.known_at,
        case
            when held_back.rule_id is not null then 'quarantined'
            when held_back.is_outdated or submissions.recency > 1 then 'superseded'
            when submissions.recency = 1 then 'accepted'
        end as outcome
    from held_back
    left join submissions
        on held_back.document_id = submissions.document_id
        and held_back.region_code = submissions.region_code
        and held_back.period = submissions.period
        and held_back.sector_key = submissions.sector_key
        and held_back.is_published = submissions.is_published

)

select * from concluded
