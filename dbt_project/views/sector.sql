select
    sector_code,
    name_id as sector_name_id,
    name_en as sector_name_en,
    sort_order as sector_order
from marts.dim_sector
