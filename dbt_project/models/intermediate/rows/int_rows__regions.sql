with

rows as (

    select * from {{ ref('stg_landing__rows') }}

),

documents as (

    select * from {{ ref('stg_landing__documents') }}
    where sender_name is not null or form_number is not null or reject_region is not null

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

states as (

    select * from {{ ref('int_regions__states') }}

),

members as (

    select * from {{ ref('int_rosters__members') }}

),

names as (

    select * from {{ ref('int_regions__names') }}

),

splits as (

    select * from {{ ref('region_changes') }}
    where kind = 'split'

),

-- since when a government exists, and what it was split from: the officer who is refused is told
parents as (

    select
        states.current_region_code,
        string_agg(distinct splits.region_code_old, ', ' order by splits.region_code_old) as parent_codes
    from states
    inner join splits
        on states.region_code = splits.region_code_new
    group by states.current_region_code

),

founding as (

    select
        states.current_region_code,
        case when bool_and(states.valid_from is not null) then min(states.valid_from) end as founded_on,
        any_value(parents.parent_codes) as parent_codes
    from states
    left join parents
        on states.current_region_code = parents.current_region_code
    group by states.current_region_code

),

latest as (

    select coalesce(max(ends_on) filter (where is_in_run), max(ends_on)) as ends_on from periods

),

-- each way a region was written, once: a national quarter has some hundreds of them
written as (

    select distinct
        region_text,
        region_codes,
        period
    from rows
    where region_text is not null
    union
    -- of a form, the name of its sender and the code in its number beside the code of its sender
    select
        unnest([documents.sender_name, {{ code_in('documents.form_number') }}]) as region_text,
        unnest([documents.region_codes, 'kemendagri']) as region_codes,
        rows.period
    from documents
    inner join rows
        on documents.document_id = rows.document_id
    union
    -- a refused document has no rows, and names its sender all the same
    select
        reject_region as region_text,
        region_codes,
        period_told as period
    from documents

),

-- a row whose period cannot be read is told to the region that its text means today
mentions as (

    select
        written.region_text,
        written.region_codes,
        written.period,
        coalesce(periods.ends_on, latest.ends_on) as ends_on,
        -- people write a code alone, a name alone, or both in one cell; the name of `50 Kota` begins with a number
        case when whole.name_key is null then replace({{ region_code_in('written.region_text') }}, '.', '') end as digits,
        coalesce(whole.name_key, region_name_key({{ region_name_in('written.region_text') }})) as name_key
    from written
    left join (select distinct name_key from names) as whole
        on region_name_key(written.region_text) = whole.name_key
    cross join latest
    left join periods
        on written.period = periods.period
    where written.region_text is not null

),

-- codes of the system that the source declares: the same digits mean other regions at BPS
by_code as (

    select
        mentions.region_text,
        mentions.region_codes,
        mentions.period,
        states.current_region_code,
        -- BPS issues codes again: the region that has the code in the period goes first
        {{ is_state_on('states', 'mentions.ends_on') }} = false as is_other_time
    from mentions
    inner join states
        on mentions.digits = case
            when mentions.region_codes = 'bps' then states.bps_code
            else replace(states.region_code, '.', '')
        end
    qualify
        rank() over (
            partition by mentions.region_text, mentions.region_codes, mentions.period
            order by is_other_time
        ) = 1

),

by_name as (

    select
        mentions.region_text,
        mentions.region_codes,
        mentions.period,
        names.current_region_code
    from mentions
    inner join names
        on mentions.name_key = names.name_key
        and (names.held_until is null or names.held_until > mentions.ends_on)

),

-- the name beside a code says which region the code means, and a name that is no region's says nothing
candidates as (

    select
        region_text,
        region_codes,
        period,
        current_region_code,
        bool_or(is_code) as is_by_code,
        bool_or(not is_code) as is_by_name
    from (
        select
            region_text,
            region_codes,
            period,
            current_region_code,
            true as is_code
        from by_code
        union all
        select
            region_text,
            region_codes,
            period,
            current_region_code,
            false as is_code
        from by_name
    ) as found
    group by region_text, region_codes, period, current_region_code

),

compared as (

    select
        *,
        bool_or(is_by_code) over same_text as has_code,
        bool_or(is_by_name) over same_text as has_name,
        bool_or(is_by_code and is_by_name) over same_text as has_both
    from candidates
    window same_text as (partition by region_text, region_codes, period)

),

counted as (

    select
        compared.region_text,
        compared.region_codes,
        compared.period,
        count(*) as candidate_count,
        string_agg(compared.current_region_code, ', ' order by compared.current_region_code) as candidate_codes,
        min(compared.current_region_code) as current_region_code,
        bool_or(compared.has_code and compared.has_name and not compared.has_both) as is_contradicted
    from compared
    inner join mentions
        on compared.region_text = mentions.region_text
        and compared.region_codes = mentions.region_codes
        and compared.period is not distinct from mentions.period
    where
        -- a code that is no region's is not made one by the name beside it
        (mentions.digits is null or compared.has_code)
        and (not compared.has_both or (compared.is_by_code and compared.is_by_name))
    group by compared.region_text, compared.region_codes, compared.period

),

resolved as (

    select
        mentions.region_text,
        mentions.region_codes,
        mentions.period,
        states.region_code,
        states.current_region_code,
        states.level,
        case when states.level = 'province' then 'province' else 'regency_city' end as tier,
        case when states.region_code is not null then members.region_code is not null end as is_expected,
        counted.candidate_count,
        counted.candidate_codes,
        coalesce(counted.is_contradicted, false) as is_contradicted,
        case
            when states.region_code is null and founding.founded_on > mentions.ends_on
                then
                    '(sejak / since ' || cast(founding.founded_on as varchar)
                    || coalesce('; induk / parent ' || founding.parent_codes, '') || ')'
        end as founded
    from mentions
    left join counted
        on mentions.region_text = counted.region_text
        and mentions.region_codes = counted.region_codes
        and mentions.period is not distinct from counted.period
    left join founding
        on counted.current_region_code = founding.current_region_code
        and counted.candidate_count = 1
    -- the state of the region on the last day of the period, whatever code or name was written
    left join states
        on counted.current_region_code = states.current_region_code
        and counted.candidate_count = 1
        and {{ is_state_on('states', 'mentions.ends_on') }}
    left join members
        on states.region_code = members.region_code
        and mentions.ends_on = members.ends_on

)

select * from resolved
