{#
  Personal data in free text: identity numbers (NIK), telephone numbers, e-mail addresses. They are masked where rows
  are read for the first time, so that nothing after staging holds them; the raw store keeps the document as received.
  Source: UU 27/2022 (personal data). Rule PII-001 tells the region.
#}

{#
  What is looked for, in the order in which it is masked: a name and a pattern (RE2).
  NIK: 16 digits, in groups or not, with a date of birth that can be (a woman's day is 40 more); a family's number (KK)
  has the same shape. Telephone: of mobiles (08…, +62 8…), or with an area code set apart.
#}
{% macro personal_data_patterns() -%}
    {%- set day = '(?:0[1-9]|[12][0-9]|3[01]|4[1-9]|[56][0-9]|7[01])' -%}
    {%- set month = '(?:0[1-9]|1[0-2])' -%}
    {%- do return([
        {'name': 'surel', 'pattern': '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:[.][A-Za-z0-9-]+)+'},
        {
            'name': 'NIK',
            'pattern': '\\b(?:[0-9]{6}[ .-]?' ~ day ~ month ~ '[0-9]{2}[ .-]?[0-9]{4}'
                ~ '|[0-9]{4}[ .-][0-9]{2}' ~ day ~ '[ .-]' ~ month ~ '[0-9]{2}[ .-][0-9]{4})\\b',
        },
        {
            'name': 'telepon',
            'pattern': '(?:[+]62|\\b62|\\b0)[ .-]?8[0-9](?:[ .-]?[0-9]){7,10}\\b'
                ~ '|[(]0[0-9]{2,3}[)][ .-]?[0-9]{3,4}[ .-]?[0-9]{2,4}\\b'
                ~ '|\\b0[2-79][0-9]{1,2}[ -][0-9]{3,4}[ -]?[0-9]{3,4}\\b',
        },
    ]) -%}
{%- endmacro %}

{# Whether a text can hold any of it at all: cheap, for nearly every text holds none. #}
{% macro may_be_personal(text) -%}
    regexp_matches({{ text }}, '@|[0-9](?:[ .()-]*[0-9]){8}')
{%- endmacro %}

{# A text with personal data replaced by its name in brackets; masking twice changes nothing. #}
{% macro masked(text) -%}
    {%- set found = namespace(sql=text) -%}
    {%- for one in personal_data_patterns() -%}
        {%- set found.sql = "regexp_replace(" ~ found.sql ~ ", '" ~ one.pattern ~ "', '[" ~ one.name ~ "]', 'g')" -%}
    {%- endfor -%}
    case when {{ may_be_personal(text) }} then {{ found.sql }} else {{ text }} end
{%- endmacro %}

{# The same for a cell that holds a number: a text of digits and their signs stays, however many they are. #}
{% macro masked_unless_number(text) -%}
    case
        when regexp_full_match(lower({{ text }}), '(?:rp)?[-0-9., %]*') then {{ text }}
        else {{ masked(text) }}
    end
{%- endmacro %}

{# What personal data some texts hold, as `NIK, telepon`; null where they hold none. #}
{% macro personal_data_in(texts) -%}
    nullif(concat_ws(', '
        {%- for one in personal_data_patterns() | reverse %},
        case
            when {% for text in texts -%}
            coalesce({{ may_be_personal(text) }} and regexp_matches({{ text }}, '{{ one.pattern }}'), false)
            {{- ' or ' if not loop.last }}
            {%- endfor %} then '{{ one.name }}'
        end
        {%- endfor %}
    ), '')
{%- endmacro %}
