select
    field,
    code,
    label_id,
    label_en,
    sort_order,
    colour
from marts.dim_code
