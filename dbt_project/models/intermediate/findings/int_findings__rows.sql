with

findings as (

    {{ findings_of(row_rules(), ref('int_rows__checked')) }}

)

select * from findings
