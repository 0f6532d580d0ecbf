with

findings as (

    {{ findings_of(sector_rules(), ref('int_sectors__compared')) }}

)

select * from findings
