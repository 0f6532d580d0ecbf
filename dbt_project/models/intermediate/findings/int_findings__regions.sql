with

unioned as (

    {{ findings_of(index_rules(), ref('int_indexes__checked')) }}
    union all
    {{ findings_of(report_rules(), ref('int_reports__checked')) }}

)

select * from unioned
