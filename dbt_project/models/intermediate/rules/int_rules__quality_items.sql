-- Warnings on the quality items of a service, beside those that earlier quarters of the year reported.
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- items that were reported earlier in the year are left out: they leave the mean of the service
    case
        when items_left_out > rows_held_back
            then {
                'broken': true,
                'place': row_ref,
                'value': items_left_out || ' / ' || items_before || ': ' || names_left_out
            }
        else {'broken': false}
    end as "ITM-004"

from {{ ref('int_rule_inputs__quality_items') }} as judged
