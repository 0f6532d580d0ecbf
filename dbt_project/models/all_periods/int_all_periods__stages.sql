select * from {{ ref('mart_stage') }}
union all by name
select * from {{ ref('stg_published__mart_stage') }}
where period not in (
    select periods.period from {{ ref('stg_run__periods') }} as periods
    where periods.is_in_run
)
