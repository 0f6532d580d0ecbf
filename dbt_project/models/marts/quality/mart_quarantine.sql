with

judged as (

    select * from {{ ref('int_rows__judged') }}

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}
    where outcome = 'quarantined'

),

documents as (

    select * from {{ ref('mart_document') }}
    where reject_rule is not null

),

reject_places as (

    select * from {{ ref('stg_landing__documents') }}

),

quarantined_rows as (

    select
        judged.document_id,
        judged.row_id,
        judged.region_code,
        judged.period,
        outcomes.rule_id,
        outcomes.rule_ref as source_ref,
        outcomes.rule_value as value,
        -- a rule on a whole sector tells it once, at the sector's first row
        coalesce(outcomes.sector_finding_ref, outcomes.rule_ref) as finding_ref,
        coalesce(outcomes.submission_id, judged.document_id) as submission_id,
        coalesce(
            judged.reject_text,
            cast(to_json({
                'record': judged.record,
                'region': judged.region_text,
                'period': judged.period_text,
                'sector': judged.sector_text,
                'service': judged.service_text,
                'component': judged.component_text,
                'item': judged.item_text,
                'unit': judged.unit,
                'target': judged.target_text,
                'realised': judged.realised_text,
                'note': judged.note,
                'submitted_at': judged.submitted_at_text
            }) as varchar)
        ) as raw_row
    from judged
    inner join outcomes
        on judged.row_id = outcomes.row_id

),

quarantined_documents as (

    select
        documents.document_id,
        cast(null as varchar) as row_id,
        documents.region_code,
        documents.period,
        documents.reject_rule as rule_id,
        reject_places.ref_prefix || ':' || coalesce(reject_places.reject_place, '') as source_ref,
        reject_places.reject_value as value,
        reject_places.ref_prefix || ':' || coalesce(reject_places.reject_place, '') as finding_ref,
        documents.document_id as submission_id,
        documents.name as raw_row
    from documents
    inner join reject_places
        on documents.document_id = reject_places.document_id

),

unioned as (

    select * from quarantined_rows
    union all
    select * from quarantined_documents

)

select
    document_id,
    row_id,
    region_code,
    period,
    rule_id,
    source_ref,
    value,
    finding_ref,
    submission_id,
    raw_row
from unioned
