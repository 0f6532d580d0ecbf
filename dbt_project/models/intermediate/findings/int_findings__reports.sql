with

unioned as (

    {{ findings_of(receipt_rules(), ref('int_submissions__received')) }}
    union all
    {{ findings_of(completeness_rules(), ref('int_reports__compared')) }}
    union all
    {{ findings_of(province_rules(), ref('int_provinces__compared')) }}

)

select * from unioned
