-- Warnings on the results of a sector of a region: patterns that no single row shows.
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- every result is that of the quarter before
    case
        when values_above_zero >= cpy_001_min_rows
            then case
                when values_repeated = values_filled and not (values_full = values_owed and values_owed > 0)
                    then {'broken': true, 'place': first_ref, 'value': values_repeated || ' / ' || values_filled}
                else {'broken': false}
            end
    end as "CPY-001",

    -- every result is its target, in a quarter or after a quarter that makes it hard to believe
    case
        when values_owed >= hun_001_min_rows and (quarter < hun_001_last_quarter or previous_points is not null)
            then case
                when
                    values_full = values_owed
                    and (
                        quarter < hun_001_last_quarter
                        or previous_points < {{ as_percent_units('hun_001_min_before') }} // {{ ten_to(12) }}
                    )
                    then {'broken': true, 'place': first_ref, 'value': values_full || ' / ' || values_owed}
                else {'broken': false}
            end
    end as "HUN-001",

    -- more results end in 0 or 5 than a fifth, by more than chance explains
    case
        when values_with_digits >= heap_001_min_values
            then case
                when
                    5 * values_rounded > values_with_digits
                    and (5 * values_rounded - values_with_digits) * (5 * values_rounded - values_with_digits)
                    > 4 * values_with_digits * {{ factor('heap_001_max_deviations') }} * {{ factor('heap_001_max_deviations') }}
                    then {'broken': true, 'place': first_ref, 'value': values_rounded || ' / ' || values_with_digits}
                else {'broken': false}
            end
    end as "HEAP-001"

from {{ ref('int_rule_inputs__sectors') }} as judged
left join {{ ref('int_rules__limits') }} as limits
    on judged.period = limits.period
