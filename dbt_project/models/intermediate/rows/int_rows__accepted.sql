with

judged as (

    select * from {{ ref('int_rows__judged') }}

),

outcomes as (

    select * from {{ ref('int_rows__outcomes') }}

),

accepted as (

    select
        judged.* exclude (rule_id, rule_ref, rule_value),
        outcomes.submission_id,
        outcomes.known_at,
        outcomes.subject,
        case
            when judged.target = 0 or judged.target_notation = 'none' then 'not_applicable'
            when judged.target is null and judged.record = 'achievement' then 'missing'
            when judged.realised is null then 'missing'
            when judged.realised = 0 then 'zero'
            else 'reported'
        end as status
    from judged
    inner join outcomes
        on judged.row_id = outcomes.row_id
    where outcomes.outcome = 'accepted'

)

select * from accepted
