with

resolved as (

    select * from {{ ref('int_rows__resolved') }}

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}

),

-- the widest of the tables that stay small: without what only reading and its rules ask
accepted as (

    select
        resolved.* exclude (
            period_text,
            region_text,
            region_codes,
            service_text,
            component_text,
            unit_text,
            index_part,
            period_from,
            period_to,
            is_refused,
            reject_rule,
            reject_text,
            legacy_sector_name,
            tier,
            is_expected,
            region_candidate_count,
            region_candidate_codes,
            is_region_contradicted,
            region_founded,
            is_before_services,
            service_tier,
            is_service_valid,
            is_ended_item,
            is_beside_recipients,
            is_said_outside,
            is_blank
        ),
        case
            when resolved.target = 0 or resolved.target_notation = 'none' then 'not_applicable'
            when resolved.target is null and resolved.record = 'achievement' then 'missing'
            when resolved.realised is null then 'missing'
            when resolved.realised = 0 then 'zero'
            else 'reported'
        end as status
    from resolved
    inner join outcomes
        on resolved.row_id = outcomes.row_id
    where outcomes.outcome = 'accepted'

)

select * from accepted
