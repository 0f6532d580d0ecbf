{# Number texts: what a cell says, before anything is computed with it. Contract, section 2. #}

{# The text of a number without what only dresses it: Rp, %, blanks, a closing ,- #}
{% macro bare_number(text) -%}
    case
        when regexp_full_match({{ text }}, '[0-9.,]*[0-9]') then {{ text }}
        else regexp_replace(regexp_replace(lower({{ text }}), '^rp\.?|[%\s\x{00A0}]', '', 'g'), ',-$', '')
    end
{%- endmacro %}

{#
  The shape of a number text; `bare` is its bare_number:
    missing | none ("tidak ada") | broken (formula without value, error cell)
    integer | plain (1234.5) | indonesian (1.234,5) | ambiguous (1.234) | unreadable
#}
{% macro number_shape(text, bare, is_number) -%}
    case
        when {{ text }} is null then 'missing'
        when {{ is_number }} then 'number'
        when regexp_full_match({{ bare }}, '-?\d+') then 'integer'
        when lower(trim({{ text }})) in ('', 'na', 'n/a', 'n.a.', 'n.a', '-', '--', '?', 'null', 'nan') then 'missing'
        when lower(trim({{ text }})) = 'tidak ada' then 'none'
        when starts_with({{ text }}, '#') then 'broken'
        when regexp_full_match({{ bare }}, '-?\d{1,3}(\.\d{3}){2,}(,\d+)?') then 'indonesian'
        when regexp_full_match({{ bare }}, '-?(\d+|\d{1,3}(\.\d{3})+),\d+') then 'indonesian'
        when regexp_full_match({{ bare }}, '-?[1-9]\d{0,2}\.\d{3}') then 'ambiguous'
        when regexp_full_match({{ bare }}, '-?\d*\.\d+') then 'plain'
        else 'unreadable'
    end
{%- endmacro %}

{# An ambiguous text takes the notation of its column; shapes must be of one document. #}
{% macro notation(shape, document) -%}
    case
        when {{ shape }} != 'ambiguous' then {{ shape }}
        when bool_or({{ shape }} = 'indonesian') over ({{ document }})
            and not bool_or({{ shape }} = 'plain') over ({{ document }}) then 'indonesian'
        when bool_or({{ shape }} = 'plain') over ({{ document }})
            and not bool_or({{ shape }} = 'indonesian') over ({{ document }}) then 'plain'
        else 'undecided'
    end
{%- endmacro %}

{# The value, exact to 12 decimals; more are cut off, never rounded up. Null when there is none. #}
{% macro number_value(text, bare, notation) -%}
    try_cast(
        case {{ notation }}
            when 'integer' then {{ bare }}
            when 'number' then regexp_replace({{ text }}, '(\.\d{12})\d+$', '\1')
            when 'plain' then regexp_replace({{ bare }}, '(\.\d{12})\d+$', '\1')
            when 'indonesian'
                then regexp_replace(replace(replace({{ bare }}, '.', ''), ',', '.'), '(\.\d{12})\d+$', '\1')
        end as decimal(38, 12)
    )
{%- endmacro %}

{# An exact number as people write it: without the zeros that a DECIMAL carries. #}
{% macro plain_number(value) -%}
    regexp_replace(regexp_replace(cast({{ value }} as varchar), '(\.\d*?)0+$', '\1'), '\.$', '')
{%- endmacro %}
