with

states as (

    select * from {{ ref('int_regions__states') }}

),

aliases as (

    select * from {{ ref('region_aliases') }}

),

ambiguous as (

    select * from {{ ref('ambiguous_bare_names') }}

),

ambiguous_names as (

    select
        {{ region_name_key('bare_name') }} as name_key,
        region_code
    from ambiguous

),

named as (

    select
        region_code,
        current_region_code,
        level,
        {{ region_name_key('region_name') }} as name_key
    from states

),

-- a bare name counts only where it cannot mean two governments; provinces are printed bare
bare as (

    select
        current_region_code,
        ':' || split_part(name_key, ':', 2) as name_key
    from named
    where ':' || split_part(name_key, ':', 2) not in (select ambiguous_names.name_key from ambiguous_names)

),

prefixed as (

    select
        current_region_code,
        {{ level_prefix('level') }} || ':' || split_part(name_key, ':', 2) as name_key
    from named

),

aliased as (

    select
        named.current_region_code,
        unnest([
            {{ region_name_key('aliases.alias') }},
            {{ level_prefix('named.level') }} || ':' || split_part({{ region_name_key('aliases.alias') }}, ':', 2)
        ]) as name_key
    from aliases
    inner join named
        on aliases.region_code = named.region_code

),

several as (

    select
        named.current_region_code,
        ambiguous_names.name_key
    from ambiguous_names
    inner join named
        on ambiguous_names.region_code = named.region_code

),

unioned as (

    select name_key, current_region_code from bare
    union
    select name_key, current_region_code from prefixed
    union
    select name_key, current_region_code from aliased
    union
    select name_key, current_region_code from several

)

select * from unioned
