with

words as (

    select
        field,
        code,
        label_id,
        label_en,
        sort_order,
        colour
    from {{ ref('codes') }}
    union all
    -- those that senders write, too
    select
        field,
        code,
        label_id,
        label_en,
        sort_order,
        cast(null as varchar) as colour
    from {{ ref('code_labels') }}

)

select
    field,
    code,
    label_id,
    label_en,
    cast(sort_order as integer) as sort_order,
    colour
from words
