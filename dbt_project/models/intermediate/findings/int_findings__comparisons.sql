with

findings as (

    {{ findings_of(comparison_rules(), ref('int_rows__compared')) }}

)

select * from findings
