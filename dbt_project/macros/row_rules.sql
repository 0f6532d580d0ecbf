{#
  Warnings on single accepted rows, over the columns of int_rows__checked. What the keys mean: rules.sql.
  Put here: a rule that a row breaks by itself or against the context that int_rows__checked joins to it.
  Keep out: fatal rules (reading_rules.sql), rules on sectors and regions (region_rules.sql).
#}
{% macro row_rules() -%}
    {%- do return([
        {
            'rule_id': 'VAL-001',
            'applies': "record = 'achievement' and status = 'reported'",
            'broken': "realised > target",
            'place': "realised_ref",
            'value': "both_values",
        },
        {
            'rule_id': 'VAL-002',
            'applies': "record = 'achievement' and status = 'not_applicable'",
            'broken': "realised > 0",
            'place': "realised_ref",
            'value': "both_values",
        },
        {
            'rule_id': 'VAL-003',
            'applies': "record = 'achievement' and realised is not null",
            'broken': "status = 'missing' and target is null",
            'place': "target_ref",
            'value': "both_values",
        },
        {
            'rule_id': 'VAL-004',
            'applies': "previous_realised is not null",
            'broken': "realised < previous_realised",
            'place': "realised_ref",
            'value': "realised_text || ' < ' || " ~ plain_number('previous_realised'),
        },
        {
            'rule_id': 'VAL-005',
            'applies': "target_text is not null or realised_text is not null",
            'broken': "target_notation = 'broken' or realised_notation = 'broken'",
            'place': "case when target_notation = 'broken' then target_ref else realised_ref end",
            'value': "case when target_notation = 'broken' then target_text else realised_text end",
        },
        {
            'rule_id': 'VAL-006',
            'applies': "record = 'budget' and realised is not null",
            'broken': "realised > target",
            'place': "realised_ref",
            'value': "both_values",
        },
        {
            'rule_id': 'VAL-007',
            'parameters': ['max_fraction', 'full_percent'],
            'applies': "record = 'achievement' and target = " ~ limit('VAL-007', 'full_percent')
                ~ " and unit is not null and " ~ words_key('unit') ~ " in ('percent', 'persen', '')",
            'broken': "realised > 0 and realised <= " ~ limit('VAL-007', 'max_fraction'),
            'place': "realised_ref",
            'value': "both_values",
        },
        {
            'rule_id': 'VAL-008',
            'applies': "record = 'achievement' and component = 'recipients'"
                ~ " and legacy_measure is distinct from 'own_target'",
            'broken': "status = 'missing' and realised is null and 'broken' not in (target_notation, realised_notation)",
            'place': "realised_ref",
            'value': "coalesce(realised_text, 'kosong')",
        },
        {
            'rule_id': 'SEC-002',
            'applies': "sector_text is not null",
            'broken': "is_other_sector",
            'place': "row_ref",
            'value': "sector_text",
        },
        {
            'rule_id': 'COR-001',
            'applies': "true",
            'broken': "corrected_values is not null",
            'place': "case when realised_correction_id is null then target_ref else realised_ref end",
            'value': "corrected_values",
        },
        {
            'rule_id': 'TIM-001',
            'applies': "submitted_at_text is not null",
            'broken': "submitted_at is null",
            'place': "row_ref",
            'value': "submitted_at_text",
        },
    ]) -%}
{%- endmacro %}
