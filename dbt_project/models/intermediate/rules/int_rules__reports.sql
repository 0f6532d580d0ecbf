-- Warnings on the report of a region as a whole, by itself.
-- Keep out: beside the quarter before (int_rules__report_comparisons), when it came (int_rules__receipts).
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- results alone are filled in: no budget, no stage, no problem
    case
        when other_rows = 0 then {'broken': true, 'place': row_ref, 'value': row_count || ' capaian'}
        else {'broken': false}
    end as "COV-001"

from {{ ref('int_rule_inputs__reports') }} as judged
