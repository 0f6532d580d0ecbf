-- Warnings on what a province says of its regencies and cities.
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- the sums are not those that the regions report themselves
    case
        when
            abs(province_realised - own_realised) > own_realised * {{ factor('recon_003_tolerance') }}
            or abs(province_target - own_target) > own_target * {{ factor('recon_003_tolerance') }}
            then {
                'broken': true,
                'place': first_ref,
                'value': 'target ' || {{ plain_number('province_target') }} || ' / ' || {{ plain_number('own_target') }}
                || '; realisasi ' || {{ plain_number('province_realised') }} || ' / ' || {{ plain_number('own_realised') }}
                || ' (' || regions || ')'
            }
        else {'broken': false}
    end as "RECON-003"

from {{ ref('int_rule_inputs__provinces') }} as judged
left join {{ ref('int_rules__limits') }} as limits
    on judged.period = limits.period
