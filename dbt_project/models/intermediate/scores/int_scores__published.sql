with

accepted as (

    select * from {{ ref('int_rows__accepted') }}
    where record = 'published_index' and measure = 'capaian' and realised is not null

),

expected as (

    select * from {{ ref('int_expected__regions') }}

)

-- of a figure that was read off on several days the last counts; read off before the close it is not the last word
select
    accepted.row_id,
    accepted.region_code,
    accepted.period,
    accepted.sector_code,
    {{ as_percent_units('accepted.realised') }} as points,
    coalesce(accepted.snapshot_on <= expected.window_closes_on, accepted.is_said_interim, false) as is_interim
from accepted
left join expected
    on accepted.region_code = expected.region_code
    and accepted.period = expected.period
qualify row_number() over (
    partition by accepted.region_code, accepted.period, accepted.sector_code
    order by accepted.snapshot_on desc nulls last, accepted.row_id asc
) = 1
