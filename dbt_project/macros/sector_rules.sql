{#
  Warnings on the results of a region's sector as a whole: patterns that no single row shows. Relation:
  int_sectors__compared. What the keys mean: rules.sql.
#}
{% macro sector_rules() -%}
    {%- do return([
        {
            'rule_id': 'CPY-001',
            'parameters': ['min_rows'],
            'applies': "values_above_zero >= " ~ limit('CPY-001', 'min_rows'),
            'broken': "values_repeated = values_filled and not (values_full = values_owed and values_owed > 0)",
            'place': "first_ref",
            'value': "values_repeated || ' / ' || values_filled",
        },
        {
            'rule_id': 'HUN-001',
            'parameters': ['min_rows', 'last_quarter', 'min_before'],
            'applies': "values_owed >= " ~ limit('HUN-001', 'min_rows')
                ~ " and (quarter < " ~ limit('HUN-001', 'last_quarter') ~ " or previous_points is not null)",
            'broken': "values_full = values_owed and (quarter < " ~ limit('HUN-001', 'last_quarter')
                ~ " or previous_points < " ~ points_of(limit('HUN-001', 'min_before')) ~ " // " ~ ten_to(12) ~ ")",
            'place': "first_ref",
            'value': "values_full || ' / ' || values_owed",
        },
        {
            'rule_id': 'HEAP-001',
            'parameters': ['min_value', 'min_values', 'max_deviations'],
            'applies': "values_with_digits >= " ~ limit('HEAP-001', 'min_values'),
            'broken': "5 * values_rounded > values_with_digits"
                ~ " and (5 * values_rounded - values_with_digits) * (5 * values_rounded - values_with_digits)"
                ~ " > 4 * values_with_digits * " ~ factor('HEAP-001', 'max_deviations') ~ " * "
                ~ factor('HEAP-001', 'max_deviations'),
            'place': "first_ref",
            'value': "values_rounded || ' / ' || values_with_digits",
        },
    ]) -%}
{%- endmacro %}
