{#
  Fatal rules on what one submission says of one sector: a sector that breaks one is held back whole, and nothing
  else is. Relation: int_submissions__sectors. Format: rules.sql.
#}
{% macro submission_rules() -%}
    {%- do return([
        {
            'rule_id': 'SUB-001',
            'parameters': ['max_share', 'min_rows'],
            'applies': 'rows_received >= sub_001_min_rows',
            'broken': 'rows_held > sub_001_max_share * rows_received',
            'place': 'first_ref',
            'value': "rows_held || ' / ' || rows_received"
        },
        {
            'rule_id': 'SUB-002',
            'parameters': ['min_rows', 'min_share'],
            'applies': 'rows_compared >= sub_002_min_rows',
            'broken': 'rows_swapped >= sub_002_min_share * rows_compared',
            'place': 'first_ref',
            'value': "rows_swapped || ' / ' || rows_compared"
        }
    ]) -%}
{%- endmacro %}
