-- Warnings on single accepted rows: what a row breaks by itself or beside its own last value.
-- Keep out: what only others or other quarters show (int_rules__row_comparisons), what holds a row back (int_rules__readings).
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- more served than owed
    case
        when record = 'achievement' and status = 'reported'
            then case
                when realised > target then {'broken': true, 'place': realised_ref, 'value': both_values}
                else {'broken': false}
            end
    end as "VAL-001",

    -- somebody served where nobody is owed
    case
        when record = 'achievement' and status = 'not_applicable'
            then case
                when realised > 0 then {'broken': true, 'place': realised_ref, 'value': both_values}
                else {'broken': false}
            end
    end as "VAL-002",

    -- a result without a target
    case
        when record = 'achievement' and realised is not null
            then case
                when status = 'missing' and target is null
                    then {'broken': true, 'place': target_ref, 'value': both_values}
                else {'broken': false}
            end
    end as "VAL-003",

    -- a value that accumulates falls within the year
    case
        when previous_realised is not null
            then case
                when realised < previous_realised
                    then {
                        'broken': true,
                        'place': realised_ref,
                        'value': realised_text || ' < ' || {{ plain_number('previous_realised') }}
                    }
                else {'broken': false}
            end
    end as "VAL-004",

    -- a formula without a value, or an error of one
    case
        when target_text is not null or realised_text is not null
            then case
                when target_notation = 'broken' then {'broken': true, 'place': target_ref, 'value': target_text}
                when realised_notation = 'broken' then {'broken': true, 'place': realised_ref, 'value': realised_text}
                else {'broken': false}
            end
    end as "VAL-005",

    -- more spent than allocated
    case
        when record = 'budget' and realised is not null
            then case
                when realised > target then {'broken': true, 'place': realised_ref, 'value': both_values}
                else {'broken': false}
            end
    end as "VAL-006",

    -- many times what is owed or allocated: nothing is exceeded so far
    case
        when
            record in ('achievement', 'budget')
            and legacy_measure is null
            and target >= val_014_min_target
            and realised is not null
            and not coalesce({{ is_percent('unit') }}, false)
            then case
                -- products of wide decimals are what costs time: only a result above its target gets to them
                when realised <= target then {'broken': false}
                when realised >= target * {{ factor('val_014_max_ratio') }}
                    then {'broken': true, 'place': realised_ref, 'value': both_values}
                else {'broken': false}
            end
    end as "VAL-014",

    -- of a target of 100 % the result is 1 % or less, but not 0: it looks like a fraction
    case
        when record = 'achievement' and target = val_007_full_percent and {{ is_percent('unit') }}
            then case
                when realised > 0 and realised <= val_007_max_fraction
                    then {'broken': true, 'place': realised_ref, 'value': both_values}
                else {'broken': false}
            end
    end as "VAL-007",

    -- a result that is owed is left empty, or what was spent of an allocation
    case
        when
            (
                record = 'achievement'
                and component = 'recipients'
                and (legacy_measure is null or legacy_measure != 'own_target')
            )
            or (record = 'budget' and target > 0)
            then case
                when
                    status = 'missing'
                    and realised is null
                    and target_notation != 'broken'
                    and realised_notation != 'broken'
                    then {'broken': true, 'place': realised_ref, 'value': coalesce(realised_text, 'kosong')}
                else {'broken': false}
            end
    end as "VAL-008",

    -- a fraction of a thing that is counted, or of one whose unit nobody knows
    case
        when
            record = 'achievement'
            and status != 'not_applicable'
            and ({{ counts_whole_things() }} or (component != 'recipients' and unit_kind is null and unit is not null))
            then case
                when {{ is_fraction('target') }} then {'broken': true, 'place': target_ref, 'value': both_values}
                when {{ is_fraction('realised') }} then {'broken': true, 'place': realised_ref, 'value': both_values}
                else {'broken': false}
            end
    end as "NUM-010",

    -- only one of two numbers says percent, or both do beside a unit of something else
    case
        when record = 'achievement' and (target_says_percent or realised_says_percent) and status in ('reported', 'zero')
            then case
                when unit_kind = 'percent' then {'broken': false}
                when
                    unit_kind is not null
                    or not target_says_percent
                    or (not realised_says_percent and realised > 0)
                    then {'broken': true, 'place': realised_ref, 'value': both_values}
                else {'broken': false}
            end
    end as "NUM-011",

    -- personnel counted in something else than persons, which the item of the catalogue is not counted in either
    case
        when record = 'achievement' and component = 'personnel' and unit_kind is not null
            then case
                when
                    unit_kind not in ('person', 'percent')
                    and coalesce({{ unit_key('unit') }} != {{ unit_key('item_unit') }}, true)
                    then {'broken': true, 'place': row_ref, 'value': unit}
                else {'broken': false}
            end
    end as "ITM-005",

    -- the sector written is not the service's
    case
        when sector_text is not null
            then case
                when is_other_sector then {'broken': true, 'place': row_ref, 'value': sector_text}
                else {'broken': false}
            end
    end as "SEC-002",

    -- a value was corrected by a letter
    case
        when corrected_values is not null
            then {
                'broken': true,
                'place': case when realised_correction_id is null then target_ref else realised_ref end,
                'value': corrected_values
            }
        else {'broken': false}
    end as "COR-001"

from {{ ref('int_rule_inputs__rows') }} as judged
left join {{ ref('int_rules__limits') }} as limits
    on judged.period = limits.period
