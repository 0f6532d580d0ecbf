select
    method_version,
    band_code,
    name_id,
    name_en,
    lower_bound,
    upper_bound,
    sort_order as band_order,
    colour
from marts.dim_band
