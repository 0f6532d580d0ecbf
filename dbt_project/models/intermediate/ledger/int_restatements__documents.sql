with

periods as (

    select * from {{ ref('stg_run__periods') }}
    where
        is_in_run
        -- a period that was never published restates nothing
        and period in (select scores.period from {{ ref('stg_published__mart_region_score') }} as scores)

),

documents as (

    select * from {{ ref('stg_landing__documents') }}

),

received as (

    select
        judged.document_id,
        judged.region_code,
        judged.period
    from {{ ref('int_rows__judged') }} as judged
    where judged.period in (select periods.period from periods)
    union
    -- a document that could not be read counts for its region all the same
    select
        documents.document_id,
        documents.region_in_name as region_code,
        documents.period_in_name as period
    from documents
    where documents.reject_rule is not null and documents.period_in_name in (select periods.period from periods)

),

received_before as (

    select * from {{ ref('stg_published__mart_document') }}
    where period in (select periods.period from periods)

),

accepted as (

    select distinct
        document_id,
        region_code,
        period,
        sector_code,
        record = 'published_index' as is_published_index
    from {{ ref('int_rows__accepted') }}
    where period in (select periods.period from periods)

),

{% set facts = ['fct_indicator', 'fct_budget', 'fct_stage', 'fct_problem', 'fct_published_index'] -%}
accepted_before as (

    {% for fact in facts -%}
        select distinct
            split_part(submission_id, '/', 1) as document_id,
            region_code,
            period,
            sector_code,
            {{ fact == 'fct_published_index' }} as is_published_index
        from {{ ref('stg_published__' ~ fact) }}
        where submission_id is not null and period in (select periods.period from periods)
        {%- if not loop.last %}
            union
        {% endif %}
    {%- endfor %}

),

-- the same document may tell of another region than before, by a new alias: that is no change of the document
present as (

    select distinct
        received.document_id,
        received.period,
        documents.received_at,
        documents.reject_rule,
        documents.reading_id
    from received
    inner join documents
        on received.document_id = documents.document_id

),

known as (

    select distinct
        document_id,
        period,
        received_at,
        reject_rule,
        reading_id
    from received_before

),

changed as (

    select
        coalesce(present.document_id, known.document_id) as document_id,
        coalesce(present.period, known.period) as period,
        -- bytes that were there and read, now read by another mapping of the sources file
        coalesce(
            present.received_at = known.received_at
            and coalesce(present.reject_rule, '') = coalesce(known.reject_rule, ''),
            false
        ) as is_read_anew
    from present
    full outer join known
        on present.document_id = known.document_id
        and present.period = known.period
    where
        present.received_at is distinct from known.received_at
        -- refused under other limits, and read now
        or present.reject_rule is distinct from known.reject_rule
        or (known.reading_id is not null and present.reading_id is distinct from known.reading_id)

),

-- what each changed document says or said, sector by sector
spoken as (

    select
        changed.document_id,
        changed.period,
        changed.is_read_anew,
        accepted_now_or_before.region_code,
        accepted_now_or_before.sector_code,
        accepted_now_or_before.is_published_index
    from changed
    inner join (
        select * from accepted
        union
        select * from accepted_before
    ) as accepted_now_or_before
        on changed.document_id = accepted_now_or_before.document_id
        and changed.period = accepted_now_or_before.period

),

services as (

    select
        service_code,
        sector_code
    from {{ ref('services') }}
    group by service_code, sector_code

),

applied as (

    select target_correction_id as correction_id from {{ ref('int_rows__accepted') }}
    where period in (select periods.period from periods) and target_correction_id is not null
    union
    select realised_correction_id as correction_id from {{ ref('int_rows__accepted') }}
    where period in (select periods.period from periods) and realised_correction_id is not null

),

{% set corrected_cell = [
    'correction_id', 'letter', 'region_code', 'period', 'record', 'service_code', 'component', 'item', 'column_name'
] -%}
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
changed_corrections as (

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

),

-- a letter is named as a document is, by the id under which mart_correction holds it
corrected as (

    select
        changed_corrections.correction_id || ' (' || changed_corrections.letter || ')' as document_id,
        changed_corrections.period,
        false as is_read_anew,
        changed_corrections.region_code,
        case
            when changed_corrections.service_code is null then changed_corrections.sector_code
            else services.sector_code
        end as sector_code,
        changed_corrections.record = 'published_index' as is_published_index
    from changed_corrections
    left join services
        on changed_corrections.service_code = services.service_code

),

judged as (

    select
        causes.*,
        -- what the press said of a region does not make its first report a correction
        (causes.region_code, causes.period, coalesce(causes.sector_code, ''), causes.is_published_index) in (
            select (
                accepted_before.region_code,
                accepted_before.period,
                coalesce(accepted_before.sector_code, ''),
                accepted_before.is_published_index
            )
            from accepted_before
        ) as was_reported
    from (
        select * from spoken
        union all
        select * from corrected
    ) as causes

),

-- a document none of whose rows count still moves the counts of documents and the time of the first
silent as (

    select distinct
        changed.document_id,
        changed.period,
        changed.is_read_anew,
        places.region_code,
        cast(null as varchar) as sector_code,
        cast(null as boolean) as is_published_index,
        false as was_reported
    from changed
    inner join (
        select
            document_id,
            region_code,
            period
        from received
        union
        select
            document_id,
            region_code,
            period
        from received_before
    ) as places
        on changed.document_id = places.document_id
        and changed.period = places.period
        and places.region_code is not null
    where not exists (
        select 1
        from spoken
        where
            spoken.document_id = changed.document_id
            and spoken.period = changed.period
            and spoken.region_code = places.region_code
    )

),

reported_before as (

    select distinct
        region_code,
        period
    from accepted_before
    where not is_published_index

),

scoped as (

    select
        'sector' as scope,
        *
    from judged
    where sector_code is not null
    union all
    select
        'region' as scope,
        * replace (cast(null as varchar) as sector_code)
    from (
        select * from judged
        union all
        select * from silent
    ) as of_region

)

select
    scoped.scope,
    scoped.region_code,
    scoped.period,
    scoped.sector_code,
    case
        when bool_and(scoped.is_read_anew) then 'new_reference_data'
        when bool_or(scoped.was_reported and not scoped.is_read_anew) then 'correction'
        else 'late_data'
    end as reason,
    list(distinct scoped.document_id order by scoped.document_id) as documents,
    -- the first report of a region moves its sectors that the report is silent about, too
    bool_and(reported_before.region_code is null) as is_first_report
from scoped
left join reported_before
    on scoped.region_code = reported_before.region_code
    and scoped.period = reported_before.period
group by scoped.scope, scoped.region_code, scoped.period, scoped.sector_code
