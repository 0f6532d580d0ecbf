-- Fatal rules on rows of one document about the same thing.
select
    row_id,
    period,

    -- the document says two things of one: neither counts, the region must say which
    case
        when is_repeated and is_contradicted then {'broken': true, 'place': row_ref, 'value': both_texts}
        else {'broken': false}
    end as "DUP-002",

    -- the document says the same thing again: the first row counts
    case
        when is_repeated and not is_contradicted and repeat_number > 1
            then {'broken': true, 'place': row_ref, 'value': both_texts}
        else {'broken': false}
    end as "DUP-001"

from {{ ref('int_rule_inputs__repeats') }}
