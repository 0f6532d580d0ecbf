with

itemised as (

    select * from {{ ref('int_rows__itemised') }}

),

corrections as (

    select * from {{ ref('corrections') }}

),

catalogue as (

    select * from {{ ref('services') }}

),

stages as (

    select * from {{ ref('code_labels') }}
    where field = 'stage'

),

measures as (

    select * from {{ ref('code_labels') }}
    where field = 'measure'

),

-- each text that says of a published figure that it is no index, once
other_measures as (

    select distinct mentions.said
    from (
        select distinct unnest([note, item_text]) as said
        from itemised
        where record = 'published_index' and measure_text is null
    ) as mentions
    inner join {{ ref('measure_words') }} as listed
        on listed.measure != 'interim'
        and contains({{ words_key('mentions.said') }}, {{ words_key('listed.word') }})

),

-- each note of a published figure that says that it is not the last word, once
interim_notes as (

    select distinct mentions.said
    from (
        select distinct note as said
        from itemised
        where record = 'published_index'
    ) as mentions
    inner join {{ ref('measure_words') }} as listed
        on listed.measure = 'interim' and contains({{ words_key('mentions.said') }}, {{ words_key('listed.word') }})

),

-- each note of a result that says that it is of no minimum service, once
outside_services as (

    select distinct mentions.said
    from (
        select distinct note as said
        from itemised
        where record = 'achievement'
    ) as mentions
    inner join {{ ref('measure_words') }} as listed
        on listed.measure = 'not_spm' and contains({{ words_key('mentions.said') }}, {{ words_key('listed.word') }})

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

zones as (

    select * from {{ ref('time_zones') }}

),

-- a value is corrected only where what the letter found still stands; mart_correction tells the others
corrected as (

    select
        itemised.* exclude (
            target, realised, target_notation, realised_notation, target_says_percent, realised_says_percent
        ),
        case when of_target.correction_id is null then itemised.target else of_target.new end as target,
        case when of_target.correction_id is null then itemised.target_notation else 'number' end as target_notation,
        case when of_realised.correction_id is null then itemised.realised else of_realised.new end as realised,
        case when of_realised.correction_id is null then itemised.realised_notation else 'number' end as realised_notation,
        itemised.target_says_percent and of_target.correction_id is null as target_says_percent,
        itemised.realised_says_percent and of_realised.correction_id is null as realised_says_percent,
        of_target.correction_id as target_correction_id,
        of_realised.correction_id as realised_correction_id
    from itemised
    left join corrections as of_target
        on {{ is_corrected_cell('itemised', 'of_target', 'target') }}
        and {{ still_stands('itemised', 'of_target', 'target') }}
    left join corrections as of_realised
        on {{ is_corrected_cell('itemised', 'of_realised', 'realised') }}
        and {{ still_stands('itemised', 'of_realised', 'realised') }}

),

-- what a row is about: two rows of one document about the same thing are one too many
with_subject as (

    select
        corrected.*,
        corrected.document_id || '/' || corrected.region_code || '/' || corrected.period as submission_id,
        -- a time of sending that cannot be decides nothing; one without a zone is read by the region's own for the
        -- close of a window, and orders nothing
        coalesce(
            {{ possible_time('corrected.submitted_at', 'corrected.received_at', 'periods.starts_on') }},
            {{ possible_time(
                'corrected.submitted_clock - to_hours(zones.utc_offset_hours)', 'corrected.received_at', 'periods.starts_on'
            ) }},
            corrected.received_at
        ) as known_at,
        {{ possible_time('corrected.submitted_at', 'corrected.received_at', 'periods.starts_on') }} as sent_at,
        -- not corrected by a letter, and no word that nobody is owed either
        coalesce(
            corrected.record in ('achievement', 'budget', 'stage', 'published_index')
            and corrected.realised_text is null
            and corrected.realised is null
            and (corrected.note is null or corrected.record = 'published_index')
            and corrected.target is distinct from 0
            and corrected.target_notation is distinct from 'none'
            and corrected.legacy_measure is distinct from 'own_target',
            false
        ) as is_blank,
        corrected.record = 'achievement' and outside.said is not null as is_said_outside,
        corrected.record = 'published_index' and not_final.said is not null as is_said_interim,
        corrected.component = 'recipients'
        and coalesce(corrected.item_key, '') in (
            '', 'recipients', 'penerima',
            coalesce({{ words_key('catalogue.recipients_id') }}, ''), coalesce({{ words_key('catalogue.name_id') }}, '')
        ) as is_named_recipients,
        case
            when corrected.legacy_indicator_code is not null
                then corrected.legacy_indicator_code || '|' || corrected.legacy_measure
            when corrected.record = 'achievement' and corrected.component = 'recipients'
                then corrected.service_code || '|recipients'
            when corrected.record = 'achievement'
                then
                    corrected.service_code || '|' || corrected.component || '|'
                    || coalesce(corrected.item_code || '@' || corrected.item_version, corrected.item_key, '')
            -- one index a region or sector, one value a stage however it is named: their marts have no finer key
            when corrected.record = 'published_index'
                then
                    concat_ws(
                        '|', nullif(coalesce(measures.code, 'capaian'), 'capaian'), cast(corrected.snapshot_on as varchar)
                    )
            when corrected.record = 'stage' then coalesce(stages.code, corrected.item_key, '')
            when corrected.record = 'budget' then coalesce(corrected.service_code, '') || '|' || coalesce(corrected.item_key, '')
            else
                coalesce(corrected.item_key, '') || '|' || coalesce(corrected.realised_text, '') || '|'
                || coalesce(corrected.note, '')
        end as subject,
        case
            when corrected.record != 'published_index' then null
            -- the default is for a figure that nothing is said of: its own note may say that it is no index
            when corrected.measure_text is null and noted.said is null and named.said is null then 'capaian'
            else measures.code
        end as measure
    from corrected
    left join catalogue
        on corrected.service_code = catalogue.service_code
    left join periods
        on corrected.period = periods.period
    left join zones
        on left(corrected.region_code, 2) = zones.province_code
    left join stages
        on corrected.item_key in ({{ words_key('stages.code') }}, {{ words_key('stages.label_id') }})
    left join outside_services as outside
        on corrected.note = outside.said
    left join interim_notes as not_final
        on corrected.note = not_final.said
    left join other_measures as noted
        on corrected.note = noted.said
    left join other_measures as named
        on corrected.item_text = named.said
    left join measures
        on {{ words_key('corrected.measure_text') }} in ({{ words_key('measures.code') }}, {{ words_key('measures.label_id') }})

),

-- recipients may come in parts, which are pooled; alone, whatever it is called, a row is the recipients row
keyed as (

    select
        *,
        case when is_named_recipients then '' else item_key end as recipients_key
    from with_subject

),

of_service as (

    select
        *,
        min(recipients_key) filter (where not is_blank) over same_service as first_recipients_key,
        max(recipients_key) filter (where not is_blank) over same_service as last_recipients_key,
        coalesce(bool_or(is_named_recipients and not is_blank) over same_service, false) as has_named_recipients
    from keyed
    window same_service as (partition by document_id, region_code, period, service_code, component)

),

divided as (

    select
        * exclude (first_recipients_key, last_recipients_key, has_named_recipients),
        case
            when
                component = 'recipients'
                and legacy_indicator_code is null
                and not is_named_recipients
                and first_recipients_key != last_recipients_key
                then item_text
        end as recipients_item,
        -- beside a recipients row that names the recipients as the catalogue does, one that names something else is junk
        component = 'recipients'
        and legacy_indicator_code is null
        and not is_named_recipients
        and has_named_recipients as is_beside_recipients
    from of_service

)

select
    * exclude (is_named_recipients, recipients_key, subject),
    subject || coalesce('|' || {{ words_key('recipients_item') }}, '') as subject
from divided
