{# What models about rules share. A rule itself is a column of models/intermediate/rules, in plain SQL. #}

{# Whether a row of the registry is valid in a period, both bounds inclusive; where the period is not known it is. #}
{% macro is_valid_in(row, period) -%}
    coalesce({{ row }}.valid_from_period <= {{ period }}, true)
        and coalesce({{ row }}.valid_to_period >= {{ period }}, true)
{%- endmacro %}

{# A rule's message with the parameters of `texts.named` filled in, each written as the expression over `given` says. #}
{% macro with_parameters(message, text) -%}
    coalesce(list_reduce(
        texts.named,
        (filled, given) -> {'name': '', 'text': replace(filled.text, given.name, {{ text }})},
        {'name': '', 'text': {{ message }}}
    ).text, {{ message }})
{%- endmacro %}

{# A parameter as a factor: narrow, so that its product with a value of any size stays within a DECIMAL. #}
{% macro factor(parameter) -%}
    cast({{ parameter }} as decimal(9, 3))
{%- endmacro %}
