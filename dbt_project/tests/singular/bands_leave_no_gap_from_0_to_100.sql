-- per method: starts at 0, each band ends where the next begins, the last is "exactly 100" without an upper bound
with

methods as (

    select * from {{ ref('methods') }}

),

bands as (

    select
        *,
        lead(lower_bound) over (
            partition by method_version
            order by lower_bound
        ) as next_lower_bound
    from {{ ref('bands') }}

),

breaks as (

    select method_version
    from bands
    where
        upper_bound is distinct from next_lower_bound
        or (upper_bound is null) is distinct from (lower_bound = 100)
        or (upper_bound is null) is distinct from (bounds = 'exactly 100')

    union all

    select methods.method_version
    from methods
    left join bands
        on
        methods.method_version = bands.method_version
        and bands.lower_bound = 0
    where bands.method_version is null

)

select * from breaks
