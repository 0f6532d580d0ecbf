{#
  The key under which a region's name is matched: kind of government, a colon, the name without blanks.
  `Kab. Kutai Timur`, `Pemerintah Kabupaten Kutai Timur`, `KABUPATEN KUTAI-TIMUR` -> kabupaten:kutaitimur;
  `Kutai Timur` -> :kutaitimur. Matching rules: seeds/README.md.
#}
{% macro region_name_key(name) -%}
    {%- set plain = "trim(regexp_replace(lower(" ~ name ~ "), '[^a-z0-9]+', ' ', 'g'))" -%}
    {%- set bare = "regexp_replace(" ~ plain ~ ", '^(pemerintah|pemda) (daerah (kabupaten|kota|provinsi) )?', '\\3 ')" -%}
    {%- set whole = "trim(regexp_replace(regexp_replace(" ~ bare ~ ", '\\bkep\\b', 'kepulauan'), '\\bpeg\\b', 'pegunungan'))" -%}
    case
        when regexp_matches({{ whole }}, '^(kabupaten|kab|pemkab) .')
            then 'kabupaten:' || replace(regexp_replace({{ whole }}, '^(kabupaten|kab|pemkab) ', ''), ' ', '')
        when regexp_matches({{ whole }}, '^(kota|kotamadya|kodya|pemkot) .')
            then 'kota:' || replace(regexp_replace({{ whole }}, '^(kotamadya|kota|kodya|pemkot) ', ''), ' ', '')
        when regexp_matches({{ whole }}, '^(provinsi|propinsi|prov|pemprov) .')
            then 'provinsi:' || replace(regexp_replace({{ whole }}, '^(provinsi|propinsi|prov|pemprov) ', ''), ' ', '')
        else ':' || replace({{ whole }}, ' ', '')
    end
{%- endmacro %}

{# The prefix of region_name_key for a level. #}
{% macro level_prefix(level) -%}
    case {{ level }} when 'province' then 'provinsi' when 'regency' then 'kabupaten' when 'city' then 'kota' end
{%- endmacro %}

{# Words compared without case, blanks and punctuation: service, sector and item names. #}
{% macro words_key(text) -%}
    regexp_replace(lower({{ text }}), '[^a-z0-9]+', '', 'g')
{%- endmacro %}

{# A rule's sentence with its place and value filled in. #}
{% macro worded(message) -%}
    replace(
        replace({{ message }}, '{place}', coalesce(nullif(substring(unioned.source_ref, strpos(unioned.source_ref, ':') + 1), ''), 'dokumen')),
        '{value}', coalesce(unioned.value, '-')
    )
{%- endmacro %}

{# Whether a unit of a target says percent; null where no unit is given. #}
{% macro is_percent(unit) -%}
    {{ words_key(unit) }} in ('percent', 'persen', '')
{%- endmacro %}
