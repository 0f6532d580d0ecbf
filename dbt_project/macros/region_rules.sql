{#
  Warnings on a region's figures as a whole, in a list for each relation. What the keys mean: rules.sql.
  Put here: rules on published indexes (int_indexes__checked) and on whole reports (int_reports__checked).
#}
{% macro index_rules() -%}
    {%- do return([
        {
            'rule_id': 'RECON-001',
            'parameters': ['max_difference'],
            'applies': "sector_code is null and points_of_parts is not null",
            'broken': "abs(points - points_of_parts) > " ~ points_of(limit('RECON-001', 'max_difference')),
            'place': "realised_ref",
            'value': "'total ' || " ~ plain_number('realised') ~ " || ' / ' || "
                ~ plain_number(shown(settled('points_of_parts'), 'null', 4)),
        },
        {
            'rule_id': 'RECON-002',
            'parameters': ['max_difference'],
            'applies': "computed_points is not null",
            'broken': "abs(points - computed_points) > " ~ points_of(limit('RECON-002', 'max_difference')),
            'place': "realised_ref",
            'value': plain_number('realised') ~ " || ' / ' || "
                ~ plain_number(shown(settled('computed_points'), 'null', 4)),
        },
    ]) -%}
{%- endmacro %}

{% macro report_rules() -%}
    {%- do return([
        {
            'rule_id': 'COV-001',
            'applies': "true",
            'broken': "other_rows = 0",
            'place': "row_ref",
            'value': "row_count || ' capaian'",
        },
    ]) -%}
{%- endmacro %}
