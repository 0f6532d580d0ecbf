with

extensions as (

    select * from {{ ref('window_extensions') }}

),

-- the latest of several; two that end on one day are refused by a test of the registry
latest as (

    select
        period,
        region_code,
        max(extends_to) filter (where kind = 'extended') as extended_to,
        arg_max(reason || ' (' || letter || ')', extends_to) filter (where kind = 'extended') as extended_reason,
        max(extends_to) filter (where kind = 'reopened') as reopened_to,
        arg_max(reason || ' (' || letter || ')', extends_to) filter (where kind = 'reopened') as reopened_reason
    from extensions
    group by period, region_code

)

select * from latest
