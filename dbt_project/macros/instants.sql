{#
  Times as ISO 8601 writes them, also with a blank for the T, without its hyphens and colons, or with WIB, WITA, WIT for
  the offset. A time without a zone has a clock and no offset; `infinity`, a day alone and every other text have neither.
#}

{# The parts of a time, each a text; all are empty where it is none. #}
{% macro instant_parts(text) -%}
    regexp_extract(
        {{ text }},
        '(?i)^(\d{4}-?\d{2}-?\d{2})[T ]+(\d{2})[:.]?(\d{2})(?:[:.]?(\d{2}))?(?:[.,](\d{1,6})\d*)?'
        || ' *(Z|UTC|GMT|WIB|WITA|WIT|[+-]\d{2}(?::?\d{2})?)?$',
        ['day', 'hour', 'minute', 'second', 'fraction', 'zone']
    )
{%- endmacro %}

{# What the clock showed, as an instant in UTC; null where there is no such day or hour. #}
{% macro clock_of(parts) -%}
    case
        when {{ parts }}.day != '' and {{ parts }}.hour < '24'
            then try_cast(
                regexp_replace({{ parts }}.day, '^(\d{4})-?(\d{2})-?(\d{2})$', '\1-\2-\3') || ' '
                || {{ parts }}.hour || ':' || {{ parts }}.minute || ':' || coalesce(nullif({{ parts }}.second, ''), '00')
                || '.' || coalesce(nullif({{ parts }}.fraction, ''), '0') || '+00:00' as timestamptz
            )
    end
{%- endmacro %}

{# Minutes before UTC; null without a zone. #}
{% macro offset_minutes_of(parts) -%}
    case upper({{ parts }}.zone)
        when '' then null
        when 'Z' then 0
        when 'UTC' then 0
        when 'GMT' then 0
        when 'WIB' then 420
        when 'WITA' then 480
        when 'WIT' then 540
        else
            cast({{ parts }}.zone[1] || '1' as integer) * (
                cast({{ parts }}.zone[2:3] as integer) * 60
                + coalesce(try_cast(right(replace({{ parts }}.zone[4:], ':', ''), 2) as integer), 0)
            )
    end
{%- endmacro %}

{# A time that somebody says that something was sent; null where it came before that, or its quarter began after it. #}
{% macro possible_time(said, received, starts_on) -%}
    case
        when {{ said }} <= {{ received }} and {{ jakarta_day(said) }} >= coalesce({{ starts_on }}, date '0001-01-01') then {{ said }}
    end
{%- endmacro %}
