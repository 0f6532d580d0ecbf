-- Warnings on single accepted rows that only a comparison shows: with earlier quarters, with peers, with the rows beside them.
-- Keep out: what a row breaks by itself (int_rules__rows), patterns of a whole sector (int_rules__sectors).
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- the target changed within the year
    case
        when
            record = 'achievement'
            and legacy_indicator_code is null
            and target is not null
            and previous_target is not null
            then case
                when target != previous_target and target_slip is null and not is_swapped
                    then {
                        'broken': true,
                        'place': target_ref,
                        'value': 'target ' || {{ plain_number('previous_target') }} || ' -> ' || {{ plain_number('target') }}
                    }
                else {'broken': false}
            end
    end as "VAL-009",

    -- a number is 10, 100 or 1000 times what it was
    case
        when
            record = 'achievement'
            and legacy_indicator_code is null
            and (
                coalesce(previous_target, last_year_target) is not null
                or coalesce(previous_realised, last_year_realised) is not null
            )
            then case
                when target_slip is not null and not is_swapped
                    then {
                        'broken': true,
                        'place': target_ref,
                        'value': 'target ' || {{ plain_number('coalesce(previous_target, last_year_target)') }}
                        || ' -> ' || {{ plain_number('target') }}
                    }
                when realised_slip is not null and not is_swapped
                    then {
                        'broken': true,
                        'place': realised_ref,
                        'value': 'realisasi ' || {{ plain_number('coalesce(previous_realised, last_year_realised)') }}
                        || ' -> ' || {{ plain_number('realised') }}
                    }
                else {'broken': false}
            end
    end as "VAL-010",

    -- target and realised changed places
    case
        when
            record = 'achievement'
            and legacy_indicator_code is null
            and status = 'reported'
            and earlier_target is not null
            then case
                when is_swapped
                    then {
                        'broken': true,
                        'place': realised_ref,
                        'value': both_values || '; target ' || {{ plain_number('earlier_target') }}
                        || coalesce(' / realisasi ' || {{ plain_number('earlier_realised') }}, '')
                    }
                else {'broken': false}
            end
    end as "VAL-011",

    -- a service has rows on its quality and none on its recipients
    case
        when lacks_recipients then {'broken': true, 'place': row_ref, 'value': service_code}
        when not lacks_recipients then {'broken': false}
    end as "VAL-012",

    -- an amount is too small to be rupiah, or far from that of the peers, or a thousand times what it was
    case
        when record = 'budget' and target > 0
            then case
                when
                    target < bud_001_min_rupiah
                    or case
                        when
                            peer_count >= bud_001_min_peers
                            and (
                                target >= peer_rupiah * {{ factor('bud_001_peer_ratio') }}
                                or target * {{ factor('bud_001_peer_ratio') }} <= peer_rupiah
                            )
                            then true
                        when
                            peer_count >= bud_001_min_peers
                            and target < peer_rupiah * {{ factor('bud_001_believable_ratio') }}
                            and target * {{ factor('bud_001_believable_ratio') }} > peer_rupiah
                            then false
                        else rupiah_slip is not null
                    end
                    then {
                        'broken': true,
                        'place': target_ref,
                        'value': concat_ws(
                            '; ',
                            target_text,
                            'sebelumnya ' || {{ plain_number('coalesce(previous_target, last_year_target)') }},
                            case when peer_count >= bud_001_min_peers then 'median ' || {{ plain_number('peer_rupiah') }} end
                        )
                    }
                else {'broken': false}
            end
    end as "BUD-001",

    -- a stage is ahead of an earlier one: of several in a row the first
    case
        when earlier_stage_points is not null
            then case
                when
                    stage_points - earlier_stage_points > {{ as_percent_units('stg_001_max_lead') }} // {{ ten_to(12) }}
                    and not coalesce(previous_stage_lead > {{ as_percent_units('stg_001_max_lead') }} // {{ ten_to(12) }}, false)
                    then {
                        'broken': true,
                        'place': realised_ref,
                        'value': {{ plain_number(display('stage_points', 'null', 2)) }} || ' > '
                        || {{ plain_number(display('earlier_stage_points', 'null', 2)) }} || ' (' || earlier_stage || ')'
                    }
                else {'broken': false}
            end
    end as "STG-001",

    -- a result is far from the same quarter of the years before
    case
        when
            record = 'achievement'
            and legacy_indicator_code is null
            and component = 'recipients'
            and realised is not null
            and earlier_count >= out_001_min_years
            and earlier_median_twice >= 2 * out_001_min_median
            then case
                when
                    2 * abs(2 * realised - earlier_median_twice)
                    > earlier_deviation_fourfold * {{ factor('out_001_max_deviations') }}
                    and abs(2 * realised - earlier_median_twice) > earlier_median_twice * {{ factor('out_001_min_share') }}
                    then {
                        'broken': true,
                        'place': realised_ref,
                        'value': realised_text || '; median ' || {{ plain_number('earlier_median_twice * 0.5') }}
                        || ' (' || earlier_count || ')'
                    }
                else {'broken': false}
            end
    end as "OUT-001",

    -- what was reached of the target is far from the peers
    case
        when points is not null and peer_count >= out_002_min_peers
            then case
                when
                    2 * abs(2 * points - peer_points_twice)
                    > peer_deviation_fourfold * {{ factor('out_002_max_deviations') }}
                    and abs(2 * points - peer_points_twice)
                    > 2 * ({{ as_percent_units('out_002_min_difference') }} // {{ ten_to(12) }})
                    then {
                        'broken': true,
                        'place': realised_ref,
                        'value': {{ plain_number(display('points', 'null', 2)) }} || ' %; median '
                        || {{ plain_number(display('(peer_points_twice // 2)', 'null', 2)) }} || ' % (' || peer_count || ')'
                    }
                else {'broken': false}
            end
    end as "OUT-002",

    -- a text holds personal data
    case
        when coalesce(note, item_text, personal_data) is not null
            then case
                when personal_data is not null then {'broken': true, 'place': row_ref, 'value': personal_data}
                else {'broken': false}
            end
    end as "PII-001"

from {{ ref('int_rule_inputs__row_comparisons') }} as judged
left join {{ ref('int_rules__limits') }} as limits
    on judged.period = limits.period
