-- Fatal rules on documents: the readers find what is wrong (pipelines/readers), and read nothing of such a document.
select
    row_id,
    period,

    -- cannot be opened as what it is sent as
    case
        when reject_rule = 'DOC-001' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-001",

    -- lacks required columns
    case
        when reject_rule = 'DOC-002' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-002",

    -- is a form of an unknown version
    case
        when reject_rule = 'DOC-003' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-003",

    -- lacks a required sheet
    case
        when reject_rule = 'DOC-004' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-004",

    -- holds no row
    case
        when reject_rule = 'DOC-005' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-005",

    -- is an answer of a shape that is not known
    case
        when reject_rule = 'DOC-006' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-006",

    -- is another type of file than asked for
    case
        when reject_rule = 'DOC-010' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-010",

    -- is over a limit of size
    case
        when reject_rule = 'DOC-011' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-011",

    -- is locked with a password
    case
        when reject_rule = 'DOC-012' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-012",

    -- holds macros or other files
    case
        when reject_rule = 'DOC-013' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-013",

    -- draws on data outside
    case
        when reject_rule = 'DOC-014' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-014",

    -- is put together in a dangerous way
    case
        when reject_rule = 'DOC-015' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-015",

    -- could not be read to its end within the limits
    case
        when reject_rule = 'DOC-016' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-016",

    -- is made up, and came among real reports
    case
        when reject_rule = 'DOC-020' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "DOC-020",

    -- is not as the layout of its source says
    case
        when reject_rule = 'LAY-001' then {'broken': true, 'place': reject_ref, 'value': reject_value}
        else {'broken': false}
    end as "LAY-001"

from {{ ref('int_rule_inputs__documents') }}
