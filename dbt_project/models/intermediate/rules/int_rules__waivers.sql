-- Rules on the waivers themselves, a quarter that they are about.
-- What they cover is known after all other findings, so these verdicts stand apart from int_rules__verdicts.
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- a finding came after the waiver had ended
    case
        when findings_covered > 0
            then case
                when findings_too_late > 0
                    then {
                        'broken': true,
                        'place': first_too_late_ref,
                        'value': waiver_id || ' (' || strftime(expires_on, '%Y-%m-%d') || ')'
                    }
                else {'broken': false}
            end
    end as "WVR-001",

    -- the waiver covers no finding
    case
        when findings_covered = 0 then {'broken': true, 'place': 'waivers:' || waiver_id, 'value': waiver_id}
        else {'broken': false}
    end as "WVR-002"

from {{ ref('int_rule_inputs__waivers') }} as judged
