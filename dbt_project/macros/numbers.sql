{# Number texts: what a cell says, before anything is computed with it. Contract, section 2. #}

{# Blanks as people and programs write them between groups of digits: also no-break, narrow and thin ones. #}
{% macro blanks() -%}
    [ \x{00A0}\x{2007}\x{2009}\x{202F}]
{%- endmacro %}

{#
  The text of a number without what only dresses it: Rp before it, % at its end, blanks around it and between groups
  of three digits. The ,- of an amount is its decimal comma.
#}
{% macro bare_number(text) -%}
    {%- set blank = blanks() -%}
    {%- set stripped -%}
        regexp_replace(
            regexp_replace(
                lower({{ text }}),
                '^{{ blank }}*(?:(?:rp|idr)[.]?)?{{ blank }}*|{{ blank }}*(?:%|persen|percent)?{{ blank }}*$', '', 'g'
            ),
            ',-+$', ',0'
        )
    {%- endset -%}
    case
        when regexp_full_match({{ text }}, '[0-9.,]*[0-9]') then {{ text }}
        when regexp_full_match({{ stripped }}, '-?[1-9][0-9]{0,2}(?:{{ blank }}[0-9]{3})+(?:[.,][0-9]+)?')
            then regexp_replace({{ stripped }}, '{{ blank }}', '', 'g')
        else {{ stripped }}
    end
{%- endmacro %}

{# Whether the text of a number says that it is a percent: its unit stands at its end. #}
{% macro says_percent(text) -%}
    coalesce(regexp_matches({{ text }}, '(?i)(?:%|persen|percent){{ blanks() }}*$'), false)
{%- endmacro %}

{#
  The shape of a number text; `bare` is its bare_number, `nothing` what the seed `nothing_words` says that it means:
    missing | none (nobody is owed) | broken (formula without value, error cell)
    number (of a cell or a field that holds one) | integer | plain (1234.5) | english (1,234.5 and 1,234,567)
    indonesian (1.234,5 and 1.234.567) | ambiguous (1.234 and 1,234) | unreadable
#}
{% macro number_shape(text, bare, is_number, nothing) -%}
    case
        when {{ text }} is null then 'missing'
        when {{ is_number }} then 'number'
        when regexp_full_match({{ bare }}, '-?\d+') then 'integer'
        when starts_with({{ text }}, '#') then 'broken'
        when {{ nothing }} = 'zero' then 'integer'
        when {{ nothing }} = 'not_applicable' then 'none'
        when {{ nothing }} is not null then {{ nothing }}
        when regexp_full_match({{ bare }}, '-?[1-9]\d{0,2}[.,]\d{3}') then 'ambiguous'
        when regexp_full_match({{ bare }}, '-?[1-9]\d{0,2}(\.\d{3}){2,}') then 'indonesian'
        when regexp_full_match({{ bare }}, '-?(\d*|[1-9]\d{0,2}(\.\d{3})+),\d+') then 'indonesian'
        when regexp_full_match({{ bare }}, '-?\d*\.\d+') then 'plain'
        when regexp_full_match({{ bare }}, '-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?') then 'english'
        else 'unreadable'
    end
{%- endmacro %}

{#
  The value, exact to 12 decimals; more are cut off, never rounded up. Null when there is none. A binary float has 15
  digits that mean something: what more of them a text with decimals holds is noise (56.99999999999999 is 57).
#}
{% macro number_value(bare, notation) -%}
    {%- set point -%}
        case {{ notation }}
            when 'integer' then {{ bare }}
            when 'number' then {{ bare }}
            when 'plain' then {{ bare }}
            when 'english' then replace({{ bare }}, ',', '')
            when 'indonesian' then replace(replace({{ bare }}, '.', ''), ',', '.')
        end
    {%- endset -%}
    case
        -- nearly every text ends here: a whole number becomes a DECIMAL much faster than its text does
        when regexp_full_match({{ point }}, '-?[0-9]{1,15}') then cast(try_cast({{ point }} as bigint) as decimal(38, 12))
        else
            try_cast(
                case
                    when length({{ bare }}) <= 13 then {{ point }}
                    else regexp_replace({{ fifteen_digits(point) }}, '(\.\d{12})\d+$', '\1')
                end as decimal(38, 12)
            )
    end
{%- endmacro %}

{# The text of a number with the 15 digits that a binary float keeps; whole numbers and amounts to a hundredth stay. #}
{% macro fifteen_digits(text) -%}
    case
        when
            regexp_matches({{ text }}, '[.]\d{3,}')
            and length(replace(ltrim(regexp_replace({{ text }}, 'e.*$', ''), '-0.'), '.', '')) > 15
            then format('{:.15g}', try_cast({{ text }} as double))
        else {{ text }}
    end
{%- endmacro %}

{# An exact number as people write it: without the zeros that a DECIMAL carries. #}
{% macro plain_number(value) -%}
    regexp_replace(regexp_replace(cast({{ value }} as varchar), '(\.\d*?)0+$', '\1'), '\.$', '')
{%- endmacro %}
