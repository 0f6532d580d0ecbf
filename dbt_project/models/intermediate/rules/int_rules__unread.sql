-- Warnings on parts of a document that were not read: the readers find them (pipelines/readers).
-- Keep out: documents that are refused as a whole (int_rules__documents).
select
    row_id,
    document_id,
    submission_id,
    region_code,
    period,
    sector_code,
    service_code,
    subject,

    -- a sheet has a table of the form and is not one of its sheets
    case
        when rule_id = 'DOC-022' then {'broken': true, 'place': part_ref, 'value': value}
        else {'broken': false}
    end as "DOC-022",

    -- a cell links to a file that did not come with the document
    case
        when rule_id = 'DOC-023' then {'broken': true, 'place': part_ref, 'value': value}
        else {'broken': false}
    end as "DOC-023",

    -- a value stands far outside the table of its sheet
    case
        when rule_id = 'DOC-024' then {'broken': true, 'place': part_ref, 'value': value}
        else {'broken': false}
    end as "DOC-024",

    -- a column is called nearly as one of ours that is not there
    case
        when rule_id = 'DOC-021' then {'broken': true, 'place': part_ref, 'value': value}
        else {'broken': false}
    end as "DOC-021"

from {{ ref('int_rule_inputs__unread') }}
