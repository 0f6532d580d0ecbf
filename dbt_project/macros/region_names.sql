{#
  Names of regions as SQL functions of the registry file: models call them, and so does Python
  (pipelines/warehouse/region_names.py). Matching rules: seeds/README.md.
#}
{% macro create_region_name_functions() -%}
    create or replace function region_words(name) as
        trim(regexp_replace(lower(name), '[^a-z0-9]+', ' ', 'g'));

    create or replace function region_words_in_full(words) as
        trim(regexp_replace(regexp_replace(regexp_replace(
            words, '^(pemerintah|pemda) (daerah (kabupaten|kota|provinsi) )?', '\3 '
        ), '\bkep\b', 'kepulauan'), '\bpeg\b', 'pegunungan'));

    create or replace function region_words_with_kind(words) as
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            words, '^(kabupaten|kab|pemkab) (.)', 'kabupaten:\2'
        ), '^(kotamadya|kota|kodya|pemkot) (.)', 'kota:\2'
        ), '^(provinsi|propinsi|prov|pemprov) (.)', 'provinsi:\2'
        ), '^([^:]*)$', ':\1');

    -- The key under which a name is matched: kind of government, a colon, the name without blanks.
    -- `Kab. Kutai Timur`, `Pemerintah Kabupaten Kutai Timur`, `KABUPATEN KUTAI-TIMUR` -> kabupaten:kutaitimur;
    -- `Kutai Timur` -> :kutaitimur.
    create or replace function region_name_key(name) as
        replace(region_words_with_kind(region_words_in_full(region_words(name))), ' ', '');

    -- The kind of government of region_name_key for a level.
    create or replace function level_prefix(level) as
        case level when 'province' then 'provinsi' when 'regency' then 'kabupaten' when 'city' then 'kota' end;

    -- How alike two names are, kind of government aside: 0 to 1.
    create or replace function region_name_likeness(name, other) as
        jaro_winkler_similarity(
            split_part(region_name_key(name), ':', 2), split_part(region_name_key(other), ':', 2)
        );
{%- endmacro %}

{# The code in what stands for a region: `64.71`, `6471 Kota Balikpapan`, `Kota Balikpapan (64.71)`; null without one. #}
{% macro region_code_in(text) -%}
    nullif(coalesce(
        nullif(regexp_extract({{ text }}, '^[^0-9A-Za-z]*(\d{2}(\.?\d{2})?)([^0-9A-Za-z]+[A-Za-z].*)?$', 1), ''),
        regexp_extract({{ text }}, '^[^0-9]*[A-Za-z][^0-9]*[-–/:,|(\[]\s*(\d{2}(\.?\d{2})?)\s*[)\]]?$', 1)
    ), '')
{%- endmacro %}

{# The name in it, without that code; null where the code stands alone. #}
{% macro region_name_in(text) -%}
    nullif(trim(case
        when {{ region_code_in(text) }} is null then {{ text }}
        else replace({{ text }}, {{ region_code_in(text) }}, ' ')
    end, ' .,:;|/()[]-–'), '')
{%- endmacro %}
