with recursive

states as (

    select * from {{ ref('regions') }}

),

recodes as (

    select
        region_code_old,
        region_code_new
    from {{ ref('region_changes') }}
    where kind = 'recode'

),

-- only a recode moves the code: a rename keeps it, and the parent of a split goes on existing.
-- `union`, not `union all`: a circle in the table then ends, and shows as a missing current code
reached as (

    select
        region_code,
        region_code as reached_code
    from states

    union

    select
        reached.region_code,
        recodes.region_code_new as reached_code
    from reached
    inner join recodes
        on reached.reached_code = recodes.region_code_old

),

current_codes as (

    select
        reached.region_code,
        reached.reached_code as current_region_code
    from reached
    left join recodes
        on reached.reached_code = recodes.region_code_old
    where recodes.region_code_old is null

),

-- a province may change its name within a state of its regencies: the name on the state's last day
province_names as (

    select
        states.region_code,
        states.valid_from,
        provinces.name as province_name
    from states
    inner join states as provinces
        on
        states.province_code = provinces.region_code
        and provinces.level = 'province'
        and (
            provinces.valid_from is null
            or states.valid_to is null
            or provinces.valid_from < states.valid_to
        )
        and (
            provinces.valid_to is null
            or provinces.valid_to >= states.valid_to
        )

),

final as (

    select
        -- keys
        states.region_code,
        states.valid_from,
        states.valid_to,

        -- names
        states.name as region_name,
        states.level,
        states.province_code,
        province_names.province_name,

        -- attributes
        states.bps_code,
        states.is_autonomous,
        states.valid_to is null as is_current,
        current_codes.current_region_code

    from states
    left join province_names
        on
        states.region_code = province_names.region_code
        and states.valid_from is not distinct from province_names.valid_from
    left join current_codes
        on states.region_code = current_codes.region_code

)

select * from final
