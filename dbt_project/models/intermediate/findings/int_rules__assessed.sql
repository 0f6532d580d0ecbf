with

judged as (

    select * from {{ ref('int_rows__judged') }}

),

-- rows that could be read, of which one may repeat another
readable as (

    select
        judged.period,
        outcomes.rule_id
    from judged
    inner join {{ ref('int_rows__outcomes') }} as outcomes
        on judged.row_id = outcomes.row_id
    where judged.rule_id is null

),

assessed as (

    {{ assessed_of(borne(reading_rules()), 'judged') }}
    union all
    {{ assessed_of(borne(repeat_rules()), 'readable') }}
    union all
    {{ assessed_of(submission_rules(), ref('int_submissions__sectors')) }}
    union all
    {{ assessed_of(waiver_rules(), ref('int_waivers__periods')) }}
    union all
    {{ assessed_of(row_rules(), ref('int_rows__checked')) }}
    union all
    {{ assessed_of(index_rules(), ref('int_indexes__checked')) }}
    union all
    {{ assessed_of(report_rules(), ref('int_reports__checked')) }}
    union all
    {{ assessed_of(comparison_rules(), ref('int_rows__compared')) }}
    union all
    {{ assessed_of(sector_rules(), ref('int_sectors__compared')) }}
    union all
    {{ assessed_of(receipt_rules(), ref('int_submissions__received')) }}
    union all
    {{ assessed_of(completeness_rules(), ref('int_reports__compared')) }}
    union all
    {{ assessed_of(province_rules(), ref('int_provinces__compared')) }}

)

select * from assessed
