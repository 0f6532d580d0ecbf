{# Number of a form, as it is printed: SPM/64.71/2024-Q4. Source: the form, versions 2 and 3. #}

{# The code of the region in a form's number; null where there is none #}
{% macro code_in(form_number) -%}
    nullif(regexp_extract({{ form_number }}, '(?:^|[^0-9.])(\d{2}(?:\.\d{2})?)(?:[^0-9.]|$)', 1), '')
{%- endmacro %}

{# The period in a form's number; null where there is none #}
{% macro period_in(form_number) -%}
    nullif(regexp_extract(upper({{ form_number }}), '(\d{4}-Q[1-4])', 1), '')
{%- endmacro %}

{# What a cell says, with the cell: `64.71 (Identitas!C3)` #}
{% macro cell_and_text(source_ref, text) -%}
    {{ text }} || coalesce(' (' || regexp_extract({{ source_ref }}, ':(.*)$', 1) || ')', '')
{%- endmacro %}
