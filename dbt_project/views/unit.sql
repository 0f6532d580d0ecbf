select
    unit_code,
    name_id as unit_name_id,
    name_en as unit_name_en,
    kind
from marts.dim_unit
