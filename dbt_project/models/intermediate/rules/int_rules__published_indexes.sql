-- Warnings on indexes that a region or the press published.
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- the total is not the mean of its parts
    case
        when judged.sector_code is null and points_of_parts is not null
            then case
                when abs(points - points_of_parts) > {{ as_percent_units('recon_001_max_difference') }}
                    then {
                        'broken': true,
                        'place': realised_ref,
                        'value': 'total ' || {{ plain_number('realised') }} || ' / '
                        || {{ plain_number(display(round_to_1e15('points_of_parts'), 'null', 4)) }}
                    }
                else {'broken': false}
            end
    end as "RECON-001",

    -- the index is what its parts give neither as points of 80 and 20 nor as percents
    case
        when weighted_parts is not null
            then case
                when
                    abs(realised - sum_of_points) > {{ factor('recon_004_max_difference') }}
                    and abs(realised - sum_of_percents) > {{ factor('recon_004_max_difference') }}
                    then {
                        'broken': true,
                        'place': realised_ref,
                        'value': weighted_parts || ' / ' || {{ plain_number('realised') }}
                    }
                else {'broken': false}
            end
    end as "RECON-004",

    -- the index is not what the submission gives
    case
        when computed_points is not null
            then case
                when abs(points - computed_points) > {{ as_percent_units('recon_002_max_difference') }}
                    then {
                        'broken': true,
                        'place': realised_ref,
                        'value': {{ plain_number('realised') }} || ' / '
                        || {{ plain_number(display(round_to_1e15('computed_points'), 'null', 4)) }}
                    }
                else {'broken': false}
            end
    end as "RECON-002"

from {{ ref('int_rule_inputs__published_indexes') }} as judged
left join {{ ref('int_rules__limits') }} as limits
    on judged.period = limits.period
