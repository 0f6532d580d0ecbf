-- a quarter starts the day after the one before it ends, its name says its year and quarter, none is left out
with

periods as (

    select
        *,
        lag(year * 4 + quarter) over (order by starts_on) as previous_number,
        lag(ends_on) over (order by starts_on) as previous_ends_on
    from {{ ref('periods') }}

)

select * from periods
where
    period is distinct from concat(cast(year as varchar), '-Q', cast(quarter as varchar))
    or extract(year from starts_on) is distinct from year
    or extract(month from starts_on) is distinct from quarter * 3 - 2
    or extract(day from starts_on) is distinct from 1
    or extract(month from ends_on) is distinct from quarter * 3
    or extract(day from ends_on + interval '1' day) is distinct from 1
    or (
        previous_number is not null
        and (
            previous_number + 1 is distinct from year * 4 + quarter
            or previous_ends_on + interval '1' day is distinct from starts_on
        )
    )
