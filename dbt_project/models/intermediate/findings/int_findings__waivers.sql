with

findings as (

    {{ findings_of(waiver_rules(), ref('int_waivers__periods')) }}

)

select * from findings
