-- what stands in braces is filled in: place, value, or a parameter of the rule; a mend has nothing to fill in
with

rules as (

    select * from {{ ref('rules') }}

),

parameters as (

    select * from {{ ref('rule_parameters') }}

),

named as (

    select
        rule_id,
        unnest(regexp_extract_all(message_id || message_en, '\{([^}]*)\}', 1)) as name
    from rules

),

unknown as (

    select
        named.rule_id,
        named.name as text
    from named
    left join parameters
        on named.rule_id = parameters.rule_id
        and named.name = parameters.parameter
    where parameters.rule_id is null and named.name not in ('place', 'value')

),

mends as (

    select
        rule_id,
        mend_id || mend_en as text
    from rules
    where contains(mend_id || mend_en, '{') or contains(mend_id || mend_en, '}')

)

select * from unknown
union all
select * from mends
