{#
  Warnings on single accepted rows that show in comparison alone: with earlier quarters, with peers, with the rows
  beside them. Relation: int_rows__compared. What the keys mean: rules.sql.
  Put here: rules that need what others or other quarters said. Keep out: what a row breaks by itself (row_rules.sql).
#}
{% macro comparison_rules() -%}
    {%- set achievement = "record = 'achievement' and legacy_indicator_code is null" -%}
    {%- set max_lead = points_of(limit('STG-001', 'max_lead')) ~ " // " ~ ten_to(12) -%}
    {%- do return([
        {
            'rule_id': 'VAL-009',
            'applies': achievement ~ " and target is not null and previous_target is not null",
            'broken': "target != previous_target and target_slip is null and not is_swapped",
            'place': "target_ref",
            'value': "'target ' || " ~ plain_number('previous_target') ~ " || ' -> ' || " ~ plain_number('target'),
        },
        {
            'rule_id': 'VAL-010',
            'parameters': ['min_reference', 'least_part', 'most_part'],
            'applies': achievement ~ " and (coalesce(previous_target, last_year_target) is not null"
                ~ " or coalesce(previous_realised, last_year_realised) is not null)",
            'broken': "(target_slip is not null or realised_slip is not null) and not is_swapped",
            'place': "case when target_slip is not null then target_ref else realised_ref end",
            'value': "case when target_slip is not null then 'target ' || "
                ~ plain_number('coalesce(previous_target, last_year_target)') ~ " || ' -> ' || " ~ plain_number('target')
                ~ " else 'realisasi ' || " ~ plain_number('coalesce(previous_realised, last_year_realised)')
                ~ " || ' -> ' || " ~ plain_number('realised') ~ " end",
        },
        {
            'rule_id': 'VAL-011',
            'parameters': ['tolerance'],
            'applies': achievement ~ " and status = 'reported' and earlier_target is not null",
            'broken': "is_swapped",
            'place': "realised_ref",
            'value': "both_values || '; target ' || " ~ plain_number('earlier_target')
                ~ " || coalesce(' / realisasi ' || " ~ plain_number('earlier_realised') ~ ", '')",
        },
        {
            'rule_id': 'VAL-012',
            'applies': "lacks_recipients is not null",
            'broken': "lacks_recipients",
            'place': "row_ref",
            'value': "service_code",
        },
        {
            'rule_id': 'BUD-001',
            'parameters': ['min_rupiah', 'least_part', 'most_part', 'min_peers', 'peer_ratio', 'believable_ratio'],
            'applies': "record = 'budget' and target > 0",
            'broken': "target < " ~ limit('BUD-001', 'min_rupiah') ~ " or case"
                ~ " when peer_count >= " ~ limit('BUD-001', 'min_peers') ~ " and (target >= peer_rupiah * "
                ~ factor('BUD-001', 'peer_ratio') ~ " or target * " ~ factor('BUD-001', 'peer_ratio') ~ " <= peer_rupiah)"
                ~ " then true"
                ~ " when peer_count >= " ~ limit('BUD-001', 'min_peers') ~ " and target < peer_rupiah * "
                ~ factor('BUD-001', 'believable_ratio') ~ " and target * " ~ factor('BUD-001', 'believable_ratio')
                ~ " > peer_rupiah then false"
                ~ " else rupiah_slip is not null end",
            'place': "target_ref",
            'value': "concat_ws('; ', target_text, 'sebelumnya ' || "
                ~ plain_number('coalesce(previous_target, last_year_target)') ~ ", case when peer_count >= "
                ~ limit('BUD-001', 'min_peers') ~ " then 'median ' || " ~ plain_number('peer_rupiah') ~ " end)",
        },
        {
            'rule_id': 'STG-001',
            'parameters': ['max_lead'],
            'applies': "earlier_stage_points is not null",
            'broken': "stage_points - earlier_stage_points > " ~ max_lead
                ~ " and not coalesce(previous_stage_lead > " ~ max_lead ~ ", false)",
            'place': "realised_ref",
            'value': plain_number(shown('stage_points', 'null', 2)) ~ " || ' > ' || "
                ~ plain_number(shown('earlier_stage_points', 'null', 2)) ~ " || ' (' || earlier_stage || ')'",
        },
        {
            'rule_id': 'OUT-001',
            'parameters': ['min_years', 'most_years', 'min_median', 'max_deviations', 'min_share'],
            'applies': achievement ~ " and component = 'recipients' and realised is not null and earlier_count >= "
                ~ limit('OUT-001', 'min_years') ~ " and earlier_median_twice >= 2 * " ~ limit('OUT-001', 'min_median'),
            'broken': "2 * abs(2 * realised - earlier_median_twice) > earlier_deviation_fourfold * "
                ~ factor('OUT-001', 'max_deviations') ~ " and abs(2 * realised - earlier_median_twice)"
                ~ " > earlier_median_twice * " ~ factor('OUT-001', 'min_share'),
            'place': "realised_ref",
            'value': "realised_text || '; median ' || " ~ plain_number('earlier_median_twice * 0.5') ~ " || ' ('"
                ~ " || earlier_count || ')'",
        },
        {
            'rule_id': 'OUT-002',
            'parameters': ['min_peers', 'max_deviations', 'min_difference'],
            'applies': "points is not null and peer_count >= " ~ limit('OUT-002', 'min_peers'),
            'broken': "2 * abs(2 * points - peer_points_twice) > peer_deviation_fourfold * "
                ~ factor('OUT-002', 'max_deviations') ~ " and abs(2 * points - peer_points_twice) > 2 * ("
                ~ points_of(limit('OUT-002', 'min_difference')) ~ " // " ~ ten_to(12) ~ ")",
            'place': "realised_ref",
            'value': plain_number(shown('points', 'null', 2)) ~ " || ' %; median ' || "
                ~ plain_number(shown('(peer_points_twice // 2)', 'null', 2)) ~ " || ' % (' || peer_count || ')'",
        },
        {
            'rule_id': 'PII-001',
            'applies': "note is not null or item_text is not null",
            'broken': "personal_data is not null",
            'place': "row_ref",
            'value': "personal_data",
        },
    ]) -%}
{%- endmacro %}
