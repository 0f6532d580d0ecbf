-- Fatal rules on what one submission says of one sector: a sector that breaks one is held back whole, and nothing else is.
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    cast(null as varchar) as service_code,
    judged.sector_code as subject,

    -- too many rows of the sector cannot be read
    case
        when rows_received >= sub_001_min_rows
            then case
                when rows_held > sub_001_max_share * rows_received
                    then {'broken': true, 'place': first_ref, 'value': rows_held || ' / ' || rows_received}
                else {'broken': false}
            end
    end as "SUB-001",

    -- target and realised stand in each other's column: an earlier document says so
    case
        when rows_compared >= sub_002_min_rows
            then case
                when rows_swapped >= sub_002_min_share * rows_compared
                    then {'broken': true, 'place': first_ref, 'value': rows_swapped || ' / ' || rows_compared}
                else {'broken': false}
            end
    end as "SUB-002"

from {{ ref('int_rule_inputs__submission_sectors') }} as judged
left join {{ ref('int_rules__limits') }} as limits
    on judged.period = limits.period
