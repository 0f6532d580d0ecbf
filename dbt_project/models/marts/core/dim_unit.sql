with

codes as (

    select * from {{ ref('codes') }}
    where field = 'unit_code'

),

kinds as (

    select
        unit_code,
        min(kind) as kind
    from {{ ref('units') }}
    group by unit_code

)

select
    codes.code as unit_code,
    codes.label_id as name_id,
    codes.label_en as name_en,
    kinds.kind,
    cast(codes.sort_order as integer) as sort_order
from codes
left join kinds
    on codes.code = kinds.unit_code
