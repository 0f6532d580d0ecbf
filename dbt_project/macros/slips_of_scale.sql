{#
  Whether a value looks like another one that slipped by 10 to one of some powers: 1 up, -1 down, 0 neither, null
  without a value; the reference is above 0. `lower` and `upper` bound what is left beside the power of ten.
#}
{% macro slip_of_scale(value, reference, lower, upper, powers) -%}
    case
        when {{ value }} is null then null
        when {{ value }} = {{ reference }} then 0
        -- nearly every value ends here: products of wide decimals are what costs time
        when
            {{ value }} < {{ reference }} * {{ lower }} * {{ 10 ** powers[0] }}
            and {{ value }} * {{ 10 ** powers[0] }} > {{ reference }} * {{ upper }} then 0
        {%- for power in powers %}
        when
            {{ value }} >= {{ reference }} * {{ lower }} * {{ 10 ** power }}
            and {{ value }} <= {{ reference }} * {{ upper }} * {{ 10 ** power }} then 1
        when
            {{ value }} * {{ 10 ** power }} >= {{ reference }} * {{ lower }}
            and {{ value }} * {{ 10 ** power }} <= {{ reference }} * {{ upper }} then -1
        {%- endfor %}
        else 0
    end
{%- endmacro %}

{# The slip that both comparisons tell, or the only one there is; null where there is none or they contradict. #}
{% macro agreed_slip(one, other) -%}
    case when coalesce({{ one }}, {{ other }}) = coalesce({{ other }}, {{ one }}) then nullif(coalesce({{ one }}, {{ other }}), 0) end
{%- endmacro %}
