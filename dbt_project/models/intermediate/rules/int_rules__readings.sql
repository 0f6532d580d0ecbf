-- Fatal rules on received rows: what a row is and what it says can be read, or the row is held back.
-- Put here: a rule that holds back one row.
-- Keep out: repeats (int_rules__repeats), whole sectors (int_rules__submission_sectors).
-- The order of the columns counts: of the rules that a row breaks, the first holds it back (int_rows__unreadable).
with

resolved as (

    select * from {{ ref('int_rows__resolved') }}

),

limits as (

    select * from {{ ref('int_rules__limits') }}

),

limited as (

    select
        resolved.*,
        limits.* exclude (period),
        concat_ws(' / ', 'target ' || resolved.target_text, 'realisasi ' || resolved.realised_text) as both_values,
        case
            when resolved.record = 'achievement' then limits.num_004_max_count
            else limits.num_004_max_rupiah
        end as value_limit,
        -- a number with more digits than a value holds has none
        resolved.target is null
        and resolved.target_notation in ('number', 'integer', 'plain', 'english', 'indonesian') as is_target_too_long,
        resolved.realised is null
        and resolved.realised_notation in ('number', 'integer', 'plain', 'english', 'indonesian') as is_realised_too_long
    from resolved
    left join limits
        on resolved.period = limits.period

)

select
    row_id,
    period,

    -- a line has another number of fields than the header; found by the readers
    case
        when reject_rule = 'ROW-001' then {'broken': true, 'place': row_ref, 'value': reject_text}
        else {'broken': false}
    end as "ROW-001",

    -- a row of an API or a database has no key; found by the readers
    case
        when reject_rule = 'ROW-002' then {'broken': true, 'place': row_ref, 'value': reject_text}
        else {'broken': false}
    end as "ROW-002",

    -- a value has more letters than a cell can hold; found by the readers
    case
        when reject_rule = 'ROW-003' then {'broken': true, 'place': row_ref, 'value': reject_text}
        else {'broken': false}
    end as "ROW-003",

    -- a row cannot be read by the layout of its source; found by the readers
    case
        when reject_rule = 'LAY-002' then {'broken': true, 'place': row_ref, 'value': reject_text}
        else {'broken': false}
    end as "LAY-002",

    -- a total, part or percent of a table contradicts its rows: it is held back, and they are not
    case
        when reject_rule = 'LAY-003' then {'broken': true, 'place': row_ref, 'value': reject_text}
        else {'broken': false}
    end as "LAY-003",

    -- the period cannot be read
    case
        when period is null then {'broken': true, 'place': row_ref, 'value': period_text}
        else {'broken': false}
    end as "PER-001",

    -- the period is none that the source serves
    case
        when period < period_from or period > period_to then {'broken': true, 'place': row_ref, 'value': period_text}
        else {'broken': false}
    end as "PER-002",

    -- the kind of row is unknown
    case
        when
            record is null
            or record not in ('achievement', 'budget', 'stage', 'team', 'action_plan', 'problem', 'published_index')
            then {'broken': true, 'place': row_ref, 'value': record}
        else {'broken': false}
    end as "REC-001",

    -- no region has this code or name
    case
        when region_text is null or (period is not null and region_candidate_count is null)
            then {'broken': true, 'place': row_ref, 'value': region_text}
        else {'broken': false}
    end as "REG-001",

    -- several regions have this name
    case
        when region_candidate_count > 1 and is_region_contradicted is not true
            then {'broken': true, 'place': row_ref, 'value': region_text || ' (' || region_candidate_codes || ')'}
        else {'broken': false}
    end as "REG-002",

    -- the code and the name of a row do not name one region
    case
        when is_region_contradicted
            then {'broken': true, 'place': row_ref, 'value': region_text || ' (' || region_candidate_codes || ')'}
        else {'broken': false}
    end as "IDN-002",

    -- the region is not there on the last day of the period
    case
        when region_candidate_count = 1 and region_code is null
            then {'broken': true, 'place': row_ref, 'value': concat_ws(' ', region_text, region_founded)}
        else {'broken': false}
    end as "REG-003",

    -- the region is not on the roster of the period and reports through its province
    case
        when not is_expected then {'broken': true, 'place': row_ref, 'value': region_text}
        else {'broken': false}
    end as "REG-004",

    -- the text names no service; a result without one is SEC-001 where its sector is what is unknown
    case
        when
            service_code is null
            and legacy_indicator_code is null
            and (
                service_text is not null
                or (record = 'achievement' and (sector_text is null or sector_code is not null or is_before_services))
            )
            then {'broken': true, 'place': row_ref, 'value': coalesce(service_text, item_text)}
        else {'broken': false}
    end as "SVC-001",

    -- the service is owed by the other tier of government
    case
        when service_tier != tier then {'broken': true, 'place': row_ref, 'value': coalesce(service_text, item_text)}
        else {'broken': false}
    end as "SVC-002",

    -- the service is not valid in the period
    case
        when not is_service_valid then {'broken': true, 'place': row_ref, 'value': coalesce(service_text, item_text)}
        else {'broken': false}
    end as "SVC-003",

    -- its own note says that a result is of no minimum service
    case
        when is_said_outside then {'broken': true, 'place': row_ref, 'value': concat_ws(': ', service_text, note)}
        else {'broken': false}
    end as "MEA-003",

    -- the text names no sector, or a budget names none
    case
        when
            sector_code is null
            and (record = 'budget' or (sector_text is not null and service_code is null and legacy_indicator_code is null))
            then {'broken': true, 'place': row_ref, 'value': sector_text}
        else {'broken': false}
    end as "SEC-001",

    -- the component is unknown, or one that the regime of PP 65/2005 does not have
    case
        when
            (record = 'achievement' and component is null)
            or (legacy_indicator_code is not null and component != 'recipients')
            then {'broken': true, 'place': row_ref, 'value': component_text}
        else {'broken': false}
    end as "CMP-001",

    -- a part of a published index is no index, in points of its weight or in percent
    case
        when index_part is not null
            then {'broken': true, 'place': realised_ref, 'value': concat_ws(' ', component_text, realised_text)}
        else {'broken': false}
    end as "CMP-002",

    -- a second recipients row names something else than the recipients
    case
        when is_beside_recipients then {'broken': true, 'place': row_ref, 'value': item_text}
        else {'broken': false}
    end as "ITM-002",

    -- the quality item is not valid in the period; a pre-filled row that was left blank says nothing
    case
        when is_ended_item and not is_blank then {'broken': true, 'place': row_ref, 'value': item_text}
        else {'broken': false}
    end as "ITM-003",

    -- the quality item is a letter or two
    case
        when
            component != 'recipients'
            and item_code is null
            and item_text is not null
            and length(item_key) <= itm_001_max_letters
            and regexp_full_match(item_key, '[a-z]*')
            then {'broken': true, 'place': row_ref, 'value': item_text}
        else {'broken': false}
    end as "ITM-001",

    -- a number of a person stands in the place of a figure; found before models read it
    case
        when target_personal is not null then {'broken': true, 'place': target_ref, 'value': target_personal}
        when realised_personal is not null then {'broken': true, 'place': realised_ref, 'value': realised_personal}
        else {'broken': false}
    end as "PII-002",

    -- a number cannot be read
    case
        when target_notation = 'unreadable' then {'broken': true, 'place': target_ref, 'value': target_text}
        when realised_notation = 'unreadable' then {'broken': true, 'place': realised_ref, 'value': realised_text}
        else {'broken': false}
    end as "NUM-001",

    -- a number reads two ways, as 1.234 and 1,234 do, and the sender's others of the unit do not say which
    case
        when target_notation = 'undecided' then {'broken': true, 'place': target_ref, 'value': target_text}
        when realised_notation = 'undecided' then {'broken': true, 'place': realised_ref, 'value': realised_text}
        else {'broken': false}
    end as "NUM-002",

    -- a number is negative
    case
        when target < 0 then {'broken': true, 'place': target_ref, 'value': target_text}
        when realised < 0 then {'broken': true, 'place': realised_ref, 'value': realised_text}
        else {'broken': false}
    end as "NUM-003",

    -- a number is too large to be true
    case
        when target >= value_limit or is_target_too_long then {'broken': true, 'place': target_ref, 'value': target_text}
        when realised >= value_limit or is_realised_too_long
            then {'broken': true, 'place': realised_ref, 'value': realised_text}
        else {'broken': false}
    end as "NUM-004",

    -- what a published figure measures is unknown, or left out where the note says that it is no index
    case
        when record = 'published_index' and measure is null
            then {'broken': true, 'place': row_ref, 'value': coalesce(measure_text, note, item_text)}
        else {'broken': false}
    end as "MEA-001",

    -- the day on which a published figure was read off is no day
    case
        when record = 'published_index' and snapshot_on_text is not null and snapshot_on is null
            then {'broken': true, 'place': row_ref, 'value': snapshot_on_text}
        else {'broken': false}
    end as "MEA-002",

    -- a published index is above 100
    case
        when record = 'published_index' and realised > num_005_max_index
            then {'broken': true, 'place': realised_ref, 'value': realised_text}
        else {'broken': false}
    end as "NUM-005",

    -- a region's own target of PP 65/2005 is above 100 %
    case
        when legacy_measure = 'own_target' and target > num_006_max_percent
            then {'broken': true, 'place': target_ref, 'value': target_text}
        else {'broken': false}
    end as "NUM-006",

    -- a percent beside a count: of what?
    case
        when
            record in ('achievement', 'team', 'action_plan')
            and coalesce(legacy_measure, '') != 'own_target'
            and target > 0
            and realised > 0
            and realised_says_percent
            and not target_says_percent
            and coalesce(unit_kind, '') != 'percent'
            and target != num_008_full_percent
            then {'broken': true, 'place': realised_ref, 'value': both_values}
        when
            record = 'achievement'
            and target > 0
            and target_says_percent
            and not realised_says_percent
            and realised > num_008_full_percent
            then {'broken': true, 'place': target_ref, 'value': both_values}
        when record = 'budget' and (target_says_percent or (unit_kind = 'percent' and target is not null))
            then {'broken': true, 'place': target_ref, 'value': both_values}
        when record = 'budget' and realised_says_percent
            then {'broken': true, 'place': realised_ref, 'value': both_values}
        else {'broken': false}
    end as "NUM-008",

    -- a target in percent other than 100 is a plan, not the standard
    case
        when
            record = 'achievement'
            and legacy_indicator_code is null
            and is_percent
            and target > 0
            and target != num_009_full_percent
            then {'broken': true, 'place': target_ref, 'value': both_values}
        else {'broken': false}
    end as "NUM-009",

    -- of whole things one number is a fraction and the other is not: the fraction decides what was reached
    case
        when {{ counts_whole_things() }} and target > 0 and realised > 0
            then case
                when {{ is_fraction('target') }} and not {{ is_fraction('realised') }}
                    then {'broken': true, 'place': target_ref, 'value': both_values}
                when {{ is_fraction('realised') }} and not {{ is_fraction('target') }}
                    then {'broken': true, 'place': realised_ref, 'value': both_values}
                else {'broken': false}
            end
        else {'broken': false}
    end as "NUM-007"

from limited
