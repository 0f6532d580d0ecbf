-- a quarter is compared with one value of each limit, so a quarter that is let pass ends the row before and begins one
with

limits as (

    select * from {{ ref('gate_limits') }}

),

named as (

    select distinct
        check_id,
        parameter
    from limits

),

compared_with as (

    select
        named.check_id,
        named.parameter,
        periods.period,
        count(limits.check_id) as value_count
    from named
    cross join {{ ref('periods') }} as periods
    left join limits
        on named.check_id = limits.check_id
        and named.parameter = limits.parameter
        and {{ is_valid_in('limits', 'periods.period') }}
    group by named.check_id, named.parameter, periods.period

)

select * from compared_with
where value_count != 1
