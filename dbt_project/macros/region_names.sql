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
