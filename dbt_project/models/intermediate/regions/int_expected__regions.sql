with

members as (

    select * from {{ ref('int_rosters__members') }}

),

states as (

    select * from {{ ref('int_regions__states') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}
    where is_in_run

),

extensions as (

    select * from {{ ref('stg_window__extensions') }}
    where region_code is not null

),

expected as (

    select
        states.region_code,
        states.current_region_code,
        states.region_name,
        states.level,
        case when states.level = 'province' then 'province' else 'regency_city' end as tier,
        states.province_code,
        states.province_name,
        periods.period,
        periods.method_version,
        periods.window_closes_on as closes_on_for_all,
        periods.window_status as status_for_all,
        periods.window_reopened_to as reopened_to_for_all,
        periods.window_reason as reason_for_all
    from periods
    inner join members
        on periods.period = members.period
    inner join states
        on members.region_code = states.region_code
        and {{ is_state_on('states', 'periods.ends_on') }}

),

context as (

    select * from {{ ref('stg_run__context') }}

),

-- of what was decided for everybody and for the region, the later day holds
windowed as (

    select
        expected.*,
        extensions.reopened_to,
        extensions.reopened_reason,
        extensions.extended_reason,
        coalesce(extensions.extended_to > expected.closes_on_for_all, false) as is_extended,
        case
            when extensions.extended_to > expected.closes_on_for_all then extensions.extended_to
            else expected.closes_on_for_all
        end as window_closes_on,
        case
            when extensions.reopened_to > expected.reopened_to_for_all or expected.reopened_to_for_all is null
                then extensions.reopened_to
            else expected.reopened_to_for_all
        end as window_reopened_to
    from expected
    left join extensions
        on expected.region_code = extensions.region_code
        and expected.period = extensions.period

)

select
    region_code,
    current_region_code,
    coalesce({{ jakarta_day('context.known_until') }} <= window_closes_on, false) as is_interim,
    region_name,
    level,
    tier,
    province_code,
    province_name,
    period,
    method_version,
    window_closes_on,
    case
        when window_reopened_to is not null then 'reopened'
        when is_extended then 'extended'
        else status_for_all
    end as window_status,
    window_reopened_to,
    case
        when reopened_to is not null then reopened_reason
        when status_for_all = 'reopened' then reason_for_all
        when is_extended then extended_reason
        else reason_for_all
    end as window_reason
from windowed
cross join context
