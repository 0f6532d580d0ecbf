-- Warnings on where documents came from: who speaks for a region, or tried to.
select
    judged.row_id,
    judged.document_id,
    judged.submission_id,
    judged.region_code,
    judged.period,
    judged.sector_code,
    judged.service_code,
    judged.subject,

    -- a document of another source or folder took the place of what was reported
    case
        when is_of_other_origin then {'broken': true, 'place': first_ref, 'value': reported_region || ': ' || replaced_by}
        when not is_of_other_origin then {'broken': false}
    end as "WHO-002",

    -- a document was refused, because its sender may not report for the region that it names
    case
        when is_bound
            then case
                when refused_places is not null
                    then {'broken': true, 'place': first_ref, 'value': reported_region || ' (' || refused_places || ')'}
                else {'broken': false}
            end
    end as "WHO-003"

from {{ ref('int_rule_inputs__origins') }} as judged
