{{ config(pre_hook="{{ create_region_name_functions() }}") }}

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

-- where a region gave a name up, it is free again for the province that has it as its own
ambiguous_names as (

    select
        region_name_key(bare_name) as name_key,
        region_code,
        case
            when bool_or(length(region_code) = 2) over (partition by bare_name) then held_until
        end as held_until
    from ambiguous

),

named as (

    select
        region_code,
        current_region_code,
        level,
        region_name_key(region_name) as name_key
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
        level_prefix(level) || ':' || split_part(name_key, ':', 2) as name_key
    from named

),

aliased as (

    select
        named.current_region_code,
        unnest([
            region_name_key(aliases.alias),
            level_prefix(named.level) || ':' || split_part(region_name_key(aliases.alias), ':', 2)
        ]) as name_key
    from aliases
    inner join named
        on aliases.region_code = named.region_code

),

-- `Kota Mobagu`, `Kota Waringin Barat`: names that begin with the word itself
split_names as (

    select
        current_region_code,
        'kota:' || substring(split_part(name_key, ':', 2), 5) as name_key
    from named
    where split_part(name_key, ':', 2) like 'kota_%'

),

several as (

    select
        named.current_region_code,
        ambiguous_names.name_key,
        ambiguous_names.held_until
    from ambiguous_names
    inner join named
        on ambiguous_names.region_code = named.region_code

),

told_apart as (

    select
        named.current_region_code,
        level_prefix(named.level) || ambiguous_names.name_key as name_key
    from ambiguous_names
    inner join named
        on ambiguous_names.region_code = named.region_code

),

unioned as (

    select
        name_key,
        current_region_code,
        cast(null as date) as held_until
    from bare
    union
    select
        name_key,
        current_region_code,
        cast(null as date) as held_until
    from prefixed
    union
    select
        name_key,
        current_region_code,
        cast(null as date) as held_until
    from aliased
    union
    select
        name_key,
        current_region_code,
        cast(null as date) as held_until
    from split_names
    union
    select
        name_key,
        current_region_code,
        cast(null as date) as held_until
    from told_apart
    union
    select
        name_key,
        current_region_code,
        held_until
    from several

)

select
    name_key,
    current_region_code,
    -- a name is given up for good only when no other row holds it on
    case when bool_or(held_until is null) then null else max(held_until) end as held_until
from unioned
group by name_key, current_region_code
