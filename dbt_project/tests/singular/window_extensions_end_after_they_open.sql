-- an extension ends after the window it extends, a reopening opens after its quarter and ends no earlier than it
-- opens; the region, where one is named, bears that code on the last day of the quarter
with

extensions as (

    select * from {{ ref('window_extensions') }}

),

periods as (

    select * from {{ ref('periods') }}

),

windows as (

    select * from {{ ref('reporting_windows') }}

),

states as (

    select * from {{ ref('regions') }}

)

select extensions.*
from extensions
inner join periods
    on extensions.period = periods.period
left join windows
    on extensions.period = windows.period
left join states
    on extensions.region_code = states.region_code
    and (states.valid_from is null or states.valid_from <= periods.ends_on)
    and (states.valid_to is null or states.valid_to > periods.ends_on)
where
    extensions.extends_to <= coalesce(windows.extended_to, windows.closes_on, periods.ends_on)
    or extensions.extends_to < extensions.decided_on
    or extensions.opens_on <= periods.ends_on
    or extensions.opens_on > extensions.extends_to
    or (extensions.region_code is not null and states.region_code is null)
