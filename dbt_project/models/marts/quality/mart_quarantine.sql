with

resolved as (

    select * from {{ ref('int_rows__resolved') }}

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}
    where outcome = 'quarantined'

),

documents as (

    select * from {{ ref('int_rule_inputs__documents') }}
    where reject_rule is not null

),

names as (

    select
        document_id,
        name
    from {{ ref('stg_landing__documents') }}

),

quarantined_rows as (

    select
        resolved.document_id,
        resolved.row_id,
        resolved.region_code,
        resolved.period,
        outcomes.rule_id,
        outcomes.rule_ref as source_ref,
        outcomes.rule_value as value,
        -- a rule on a whole sector tells it once, at the sector's first row
        coalesce(outcomes.sector_finding_ref, outcomes.rule_ref) as finding_ref,
        coalesce(resolved.submission_id, resolved.document_id) as submission_id,
        coalesce(
            resolved.reject_text,
            cast(to_json({
                'record': resolved.record,
                'region': resolved.region_text,
                'period': resolved.period_text,
                'sector': resolved.sector_text,
                'service': resolved.service_text,
                'component': resolved.component_text,
                'item': resolved.item_text,
                'unit': resolved.unit_text,
                'target': resolved.target_text,
                'realised': resolved.realised_text,
                'note': resolved.note,
                'submitted_at': resolved.submitted_at_text
            }) as varchar)
        ) as raw_row
    from resolved
    inner join outcomes
        on resolved.row_id = outcomes.row_id

),

quarantined_documents as (

    select
        documents.document_id,
        cast(null as varchar) as row_id,
        documents.region_code,
        documents.period,
        documents.reject_rule as rule_id,
        documents.reject_ref as source_ref,
        documents.reject_value as value,
        documents.reject_ref as finding_ref,
        documents.document_id as submission_id,
        names.name as raw_row
    from documents
    inner join names
        on documents.document_id = names.document_id

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
