-- what stands in the tables as they were built: a rule that found nothing to assess stands here too
-- depends_on: {{ ref('int_rules__verdicts') }}
-- depends_on: {{ ref('int_rules__waivers') }}
select
    column_name as rule_id,
    table_name as model_name
from information_schema.columns
where
    table_schema = 'intermediate'
    and table_name like 'int\_rules\_\_%' escape '\'
    and regexp_full_match(column_name, '[A-Z]+-[0-9]{3}')
