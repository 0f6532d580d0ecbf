-- Fatal rules on one submission as a whole: what breaks one is held back with all its rows.
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    cast(null as varchar) as sector_code,
    cast(null as varchar) as service_code,
    '' as subject,

    -- the place that it came from may not report for the region
    case
        when is_allowed is not null
            then case
                when not is_allowed
                    then {
                        'broken': true,
                        'place': sender_ref,
                        'value': concat_ws(' ', region_code, region_name) || ' (' || refused_places || ')'
                    }
                else {'broken': false}
            end
    end as "WHO-001",

    -- code, name and number of the form do not name one sender and period, or code and name of a row do not
    case
        when is_allowed = false then null
        when
            name_candidates is not null
            or number_candidates is not null
            or number_period is not null
            or contradicting_rows is not null
            then case
                when contradicting_rows is not null
                    then {
                        'broken': true,
                        'place': sender_ref,
                        'value': {{ cell_and_text('sender_ref', 'sender_said') }} || ' ≠ ' || contradicting_rows
                    }
                when is_another_name or is_another_number
                    then {
                        'broken': true,
                        'place': sender_ref,
                        'value': concat_ws(
                            ' ≠ ',
                            {{ cell_and_text('sender_code_ref', "concat_ws(' ', sender_code, period)") }},
                            case when is_another_name then {{ cell_and_text('sender_name_ref', 'sender_name') }} end,
                            case when is_another_number then {{ cell_and_text('form_number_ref', 'form_number') }} end
                        )
                    }
                else {'broken': false}
            end
    end as "IDN-001"

from {{ ref('int_rule_inputs__submissions') }} as judged
