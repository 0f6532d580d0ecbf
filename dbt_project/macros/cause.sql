{# A reason and the documents behind it, none where there is no reason. #}
{% macro cause(reason, documents='cast(null as varchar[])') -%}
    case when {{ reason }} is not null then struct_pack(reason := {{ reason }}, documents := {{ documents }}) end
{%- endmacro %}
