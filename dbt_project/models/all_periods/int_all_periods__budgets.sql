select * from {{ ref('mart_budget') }}
union all by name
select * from {{ ref('stg_published__mart_budget') }}
where period not in (
    select periods.period from {{ ref('stg_run__periods') }} as periods
    where periods.is_in_run
)
