{# A unit as the seed `units` lists it: without case, blanks and punctuation; % is a word of it. #}
{% macro unit_key(unit) -%}
    case when trim({{ unit }}) = '%' then 'percent' else {{ words_key(unit) }} end
{%- endmacro %}

{# Whether a unit of a target says percent; null where no unit is given. #}
{% macro is_percent(unit) -%}
    {{ words_key(unit) }} in ('percent', 'persen', '')
{%- endmacro %}

{#
  Whether a row of results counts whole things: the recipients of a service, unless their unit measures; a quality
  item by its unit, or by being one of the catalogue where it names none. Of rows with component, unit and item_code.
#}
{% macro counts_whole_things() -%}
    (
        record = 'achievement'
        and coalesce(legacy_measure, '') != 'own_target'
        and not is_percent
        and not (target_says_percent or realised_says_percent)
        and case
            when component = 'recipients' then coalesce(unit_kind, 'whole') in ('person', 'whole')
            else coalesce(unit_kind in ('person', 'whole'), unit is null and item_code is not null)
        end
    )
{%- endmacro %}

{# Whether one of the two values of a row, `target` or `realised`, is a fraction; false where there is no value. #}
{% macro is_fraction(column) -%}
    coalesce({{ column }}_notation != 'integer' and {{ column }} != trunc({{ column }}), false)
{%- endmacro %}
