with

broken as (

    select
        row_id,
        rule_id,
        verdict
    from {{ ref('int_rules__readings') }}
    unpivot (verdict for rule_id in (columns('^[A-Z]+-[0-9]{3}$')))
    where verdict['broken']

),

-- a document that its sender may not send is refused as one, whatever its rows say
refused as (

    select row_id from {{ ref('int_rows__resolved') }}
    where is_refused

),

-- the columns in the order of the model: what a row is goes before what it says
ordered as (

    select
        column_name as rule_id,
        ordinal_position
    from information_schema.columns
    where table_name = 'int_rules__readings'

)

select
    broken.row_id,
    broken.rule_id,
    verdict['place'] as rule_ref,
    verdict['value'] as rule_value
from broken
inner join ordered
    on broken.rule_id = ordered.rule_id
where broken.row_id not in (select refused.row_id from refused)
qualify row_number() over (partition by broken.row_id order by ordered.ordinal_position) = 1
