with

context as (

    select * from {{ ref('stg_run__context') }}

),

periods as (

    select * from {{ ref('stg_run__periods') }}

),

published as (

    select
        period,
        max(method_version) as method_version,
        coalesce(bool_or(is_interim), false) as is_interim
    from {{ ref('stg_published__mart_region_score') }}
    group by period

)

select
    published.period,
    periods.is_in_run,
    case
        when coalesce(published.method_version, '') != coalesce(periods.method_version, '') then 'new_method'
        when list_contains(context.new_registry_periods, published.period) then 'new_reference_data'
        when list_contains(context.new_code_periods, published.period) then 'new_code'
        -- what was interim is ranked, and what fell is found
        when periods.is_in_run and published.is_interim and not periods.is_interim then 'window_closed'
    end as reason
from published
inner join periods
    on published.period = periods.period
cross join context
