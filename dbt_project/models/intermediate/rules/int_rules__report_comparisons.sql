-- Warnings on the report of a region as a whole, beside that of the quarter before.
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- the report is far more or far less complete
    case
        when completeness is not null and previous_completeness is not null
            then case
                when abs(completeness - previous_completeness) >= out_003_max_change
                    then {
                        'broken': true,
                        'place': row_ref,
                        'value': {{ plain_number('previous_completeness * 100') }} || ' % -> '
                        || {{ plain_number('completeness * 100') }} || ' %'
                    }
                else {'broken': false}
            end
    end as "OUT-003"

from {{ ref('int_rule_inputs__report_comparisons') }} as judged
left join {{ ref('int_rules__limits') }} as limits
    on judged.period = limits.period
