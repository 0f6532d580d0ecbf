{# A schema is named as the layer is named: marts, not main_marts. A release has one schema, whatever the layer
   (bi/metrics: the profile that reads one names its target `release`). #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name and target.name != 'release' else target.schema }}
{%- endmacro %}
