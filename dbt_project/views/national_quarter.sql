select
    own.period,
    periods.year,
    periods.quarter,
    periods.quarter_start,
    periods.quarter_end,
    periods.is_latest,
    own.scope,
    coalesce(sectors.name_id, scopes.label_id) as scope_name_id,
    coalesce(sectors.name_en, scopes.label_en) as scope_name_en,
    sectors.sector_code is not null as is_sector,
    coalesce(10 + sectors.sort_order, scopes.sort_order) as scope_order,
    cast(own.index as decimal(9, 6)) as index,
    own.band_code,
    bands.name_id as band_name_id,
    bands.name_en as band_name_en,
    bands.sort_order as band_order,
    bands.colour as band_colour,
    own.regions_expected,
    own.regions_reported,
    own.regions_with_index,
    own.coverage,
    own.method_version
from marts.mart_national_score as own
inner join bi.period as periods
    on own.period = periods.period
left join marts.dim_sector as sectors
    on own.scope = sectors.sector_code
left join marts.dim_band as bands
    on own.method_version = bands.method_version
    and own.band_code = bands.band_code
left join marts.dim_code as scopes
    on own.scope = scopes.code
    and scopes.field = 'scope'
