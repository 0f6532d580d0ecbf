{#
  Fatal rules on single rows: what a row is and what it says can be read, or the row is held back. A row bears the
  first rule of a list that it breaks. Keys: rule_id, broken, place, value, parameters, which mean what rules.sql says;
  no place is the row's own.
  Put here: these rules. Keep out: rules on accepted rows (row_rules.sql), on whole sectors (submission_rules.sql).
#}

{#
  Over the columns of int_rows__judged; the order goes from what a row is to what it says. Names are decided where they
  are resolved: `region_name`, `service_name`, `indicator_name` say by what, over the CTEs of int_rows__regions,
  int_rows__services, int_rows__legacy_indicators.
#}
{% macro reading_rules() -%}
    {%- set service_text = "coalesce(service_text, item_text)" -%}
    {%- set written = "('number', 'integer', 'plain', 'indonesian')" -%}
    {%- set rules = [
        {'rule_id': 'ROW-001', 'broken': "reject_rule = 'ROW-001'", 'value': "reject_text"},
        {'rule_id': 'ROW-002', 'broken': "reject_rule = 'ROW-002'", 'value': "reject_text"},
        {'rule_id': 'PER-001', 'broken': "period is null", 'value': "period_text"},
        {'rule_id': 'PER-002', 'broken': "period < period_from or period > period_to", 'value': "period_text"},
        {
            'rule_id': 'REC-001',
            'broken': "record is null or record not in"
                ~ " ('achievement', 'budget', 'stage', 'team', 'action_plan', 'problem', 'published_index')",
            'value': "record",
        },
        {
            'rule_id': 'REG-001',
            'region_name': "counted.candidate_count is null",
            'broken': "region_text is null or region_rule_id = 'REG-001'",
            'value': "region_text",
        },
        {
            'rule_id': 'REG-002',
            'region_name': "counted.candidate_count > 1",
            'broken': "region_rule_id = 'REG-002'",
            'value': "region_text || ' (' || candidate_codes || ')'",
        },
        {
            'rule_id': 'REG-003',
            'region_name': "states.region_code is null",
            'broken': "region_rule_id = 'REG-003'",
            'value': "concat_ws(' ', region_text, founded)",
        },
        {
            'rule_id': 'REG-004',
            'region_name': "not states.is_autonomous",
            'broken': "region_rule_id = 'REG-004'",
            'value': "region_text",
        },
        {
            'rule_id': 'SVC-001',
            'service_name': "meant.service_text is not null and meant.service_code is null",
            'broken': "service_rule_id = 'SVC-001' or (record = 'achievement' and ("
                ~ "(service_rule_id is null and service_code is null and legacy_indicator_code is null)"
                ~ " or (service_rule_id = 'SEC-001'"
                ~ " and period < (select min(catalogue.valid_from_period) from catalogue))))",
            'value': service_text,
        },
        {
            'rule_id': 'SVC-002',
            'service_name': "meant.service_code is not null and meant.service_tier != meant.tier",
            'indicator_name': "indicator_tier != tier",
            'broken': "service_rule_id = 'SVC-002'",
            'value': service_text,
        },
        {
            'rule_id': 'SVC-003',
            'service_name': "not meant.is_valid",
            'indicator_name': "not is_valid",
            'broken': "service_rule_id = 'SVC-003'",
            'value': service_text,
        },
        {
            'rule_id': 'SEC-001',
            'service_name': "meant.service_code is null and meant.sector_text is not null"
                ~ " and sectors.sector_code is null",
            'broken': "service_rule_id = 'SEC-001' or (record = 'budget' and sector_code is null)",
            'value': "sector_text",
        },
        {
            'rule_id': 'CMP-001',
            'broken': "(record = 'achievement' and component is null)"
                ~ " or (legacy_indicator_code is not null and component != 'recipients')",
            'value': "component_text",
        },
        {'rule_id': 'ITM-002', 'broken': "is_beside_recipients", 'value': "item_text"},
        {'rule_id': 'ITM-003', 'broken': "is_ended_item", 'value': "item_text"},
        {
            'rule_id': 'ITM-001',
            'parameters': ['max_letters'],
            'broken': "component != 'recipients' and item_code is null and item_text is not null"
                ~ " and length(item_key) <= " ~ limit('ITM-001', 'max_letters')
                ~ " and regexp_full_match(item_key, '[a-z]*')",
            'value': "item_text",
        },
        {
            'rule_id': 'NUM-001',
            'broken': "target_notation = 'unreadable' or realised_notation = 'unreadable'",
            'of_target': "target_notation = 'unreadable'",
        },
        {
            'rule_id': 'NUM-002',
            'broken': "target_notation = 'undecided' or realised_notation = 'undecided'",
            'of_target': "target_notation = 'undecided'",
        },
        {'rule_id': 'NUM-003', 'broken': "target < 0 or realised < 0", 'of_target': "target < 0"},
        {
            'rule_id': 'NUM-004',
            'parameters': ['max_count', 'max_rupiah'],
            'broken': "target >= value_limit or realised >= value_limit"
                ~ " or (target is null and target_notation in " ~ written ~ ")"
                ~ " or (realised is null and realised_notation in " ~ written ~ ")",
            'of_target': "target >= value_limit or (target is null and target_notation in " ~ written ~ ")",
        },
        {
            'rule_id': 'NUM-005',
            'parameters': ['max_index'],
            'broken': "record = 'published_index' and realised > " ~ limit('NUM-005', 'max_index'),
            'of_target': "false",
        },
        {
            'rule_id': 'NUM-006',
            'parameters': ['max_percent'],
            'broken': "legacy_measure = 'own_target' and target > " ~ limit('NUM-006', 'max_percent'),
            'of_target': "true",
        },
    ] -%}
    {#- a finding on a number names the cell at fault and what stands there -#}
    {%- for rule in rules if 'of_target' in rule -%}
        {%- do rule.update({
            'place': "case when " ~ rule.of_target ~ " then target_ref else realised_ref end",
            'value': "case when " ~ rule.of_target ~ " then target_text else realised_text end",
        }) -%}
    {%- endfor -%}
    {%- do return(rules) -%}
{%- endmacro %}

{# Rows of one document about the same thing, over the CTE of int_rows__outcomes. #}
{% macro repeat_rules() -%}
    {%- do return([
        {'rule_id': 'DUP-002', 'broken': "is_contradicted"},
        {'rule_id': 'DUP-001', 'broken': "repeat_number > 1"},
    ]) -%}
{%- endmacro %}

{# A document that the readers refused, over mart_document. #}
{% macro document_rules() -%}
    {%- set rules = [] -%}
    {%- for number in [1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 16] -%}
        {%- do rules.append({
            'rule_id': 'DOC-%03d' % number,
            'applies': "true",
            'broken': "reject_rule = 'DOC-%03d'" % number,
        }) -%}
    {%- endfor -%}
    {%- do return(rules) -%}
{%- endmacro %}

{# The first rule of a list that is broken, or null; of those that have the key, where another one is named. #}
{% macro first_broken(rules, key='broken') -%}
    case
        {%- for rule in rules if key in rule %}
        when {{ rule[key] }} then '{{ rule.rule_id }}'
        {%- endfor %}
    end
{%- endmacro %}

{# A list over rows that bear their rule already: each rule looked at every row. #}
{% macro borne(rules) -%}
    {%- set found = [] -%}
    {%- for rule in rules -%}
        {%- do found.append({
            'rule_id': rule.rule_id,
            'parameters': rule.get('parameters', []),
            'applies': "true",
            'broken': "rule_id = '" ~ rule.rule_id ~ "'",
        }) -%}
    {%- endfor -%}
    {%- do return(found) -%}
{%- endmacro %}
